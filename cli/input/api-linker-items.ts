import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiLinkerError, type ErrorCategory, isErrorCategory } from '../../common/errors/index.js';
import { UsageError } from '../exit-codes.js';

/** A file that APILinker's dead-letter queue wrote. */
export interface ApiLinkerItem {
  readonly id: string;
  readonly error: ApiLinkerError;
  readonly payload: unknown;
  readonly metadata: Record<string, unknown>;
  readonly operationType?: string;
  /** The text of the file. */
  readonly text: string;
}

export type ReadItem =
  | { readonly file: string; readonly item: ApiLinkerItem; readonly problem?: undefined }
  | { readonly file: string; readonly item?: undefined; readonly problem: string };

/**
 * The items of a directory, by name, which is by time. What APILinker has replayed with success lies in `processed/` and
 * is left out.
 * @throws UsageError where the directory cannot be read
 */
export function readApiLinkerItems(directory: string): ReadItem[] {
  return namesIn(directory).map((file) => {
    try {
      return { file, item: readItem(readFileSync(join(directory, file), 'utf8')) };
    } catch (error) {
      return { file, problem: error instanceof Error ? error.message : String(error) };
    }
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    throw new UsageError(
      `import: ${JSON.stringify(directory)} could not be read: ${(error as Error).message}; give the directory of APILinker's dead-letter queue, such as ./dlq`,
    );
  }
}

function readItem(text: string): ApiLinkerItem {
  const item: unknown = JSON.parse(text);
  if (!isObject(item) || !isObject(item.error) || typeof item.error.message !== 'string') {
    throw new Error('no item of APILinker: expected an object with id, error.message, payload and metadata');
  }
  if (!('payload' in item)) throw new Error('no item of APILinker: it has no payload');
  const metadata = isObject(item.metadata) ? item.metadata : {};
  return {
    id: String(item.id),
    error: errorOf(item.error, item.error.message),
    payload: item.payload,
    metadata,
    operationType: textOf(metadata.operation_type),
    text,
  };
}

/** Names of Python; what has not the type it should have is left out. */
function errorOf(error: Readonly<Record<string, unknown>>, message: string): ApiLinkerError {
  const { error_category: category, status_code: status, additional_context: context } = error;
  return new ApiLinkerError(message, {
    errorCategory: isErrorCategory(category) ? (category as ErrorCategory) : undefined,
    statusCode: typeof status === 'number' ? status : undefined,
    responseBody: textOf(error.response_body),
    requestUrl: textOf(error.request_url),
    requestMethod: textOf(error.request_method),
    timestamp: timeOf(error.timestamp),
    operationId: textOf(error.operation_id),
    correlationId: textOf(error.correlation_id),
    additionalContext: isObject(context) ? context : undefined,
    // It was thrown in another program: a stack of this one would mislead.
    stack: '',
  });
}

/** APILinker writes local time without a zone: that of this machine is taken. */
function timeOf(value: unknown): string | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
