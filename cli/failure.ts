import { CommanderError } from 'commander';
import {
  AmbiguousLetterError,
  BreakerNotFoundError,
  DeadLetterNotFoundError,
  GroupNotFoundError,
  InvalidRequestError,
  LimitNotFoundError,
  RedriveNotFoundError,
  SearchAttributesNotRegisteredError,
} from '../client/errors.js';
import { GrpcStatus, grpcStatus } from '../client/server/grpc-status.js';
import { oneLine } from '../common/text/text.js';
import { CliError, ExitCode } from './exit-codes.js';
import { isJson, type OutputFormat } from './output/format.js';
import { printableJson, printableJsonLine } from './output/printable-json.js';

/** Tells on stderr what went wrong. */
export function reportFailure(error: unknown, format: OutputFormat): ExitCode {
  const exitCode = exitCodeOf(error);
  const message = reasonOf(error);
  if (isJson(format)) {
    const name = error instanceof Error ? error.name : 'Error';
    const document = { error: { name, message, exitCode } };
    process.stderr.write(`${format === 'jsonl' ? printableJsonLine(document) : printableJson(document)}\n`);
  } else if (!(error instanceof CommanderError)) {
    process.stderr.write(`${message}\n`);
  }
  return exitCode;
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof CommanderError || error instanceof InvalidRequestError) return ExitCode.USAGE;
  if (NOT_FOUND.some((kind) => error instanceof kind)) return ExitCode.NOT_FOUND;
  return UNREACHABLE.includes(grpcStatus(error)) ? ExitCode.UNREACHABLE : ExitCode.FAILED;
}

const NOT_FOUND = [
  DeadLetterNotFoundError,
  GroupNotFoundError,
  BreakerNotFoundError,
  LimitNotFoundError,
  RedriveNotFoundError,
];
const UNREACHABLE: readonly (number | undefined)[] = [
  GrpcStatus.UNAVAILABLE,
  GrpcStatus.DEADLINE_EXCEEDED,
  GrpcStatus.UNAUTHENTICATED,
  GrpcStatus.PERMISSION_DENIED,
];

/** For people. */
export function reasonOf(error: unknown): string {
  // Our own text, line breaks and all.
  if (error instanceof CliError || error instanceof AmbiguousLetterError) return error.message;
  if (error instanceof SearchAttributesNotRegisteredError) {
    return `Dead letters cannot be listed: namespace "${oneLine(error.namespace)}" lacks the search attributes ${error.missing.join(', ')}. Register them with: temporal-recovery setup`;
  }
  const texts: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if (!texts.includes(at.message)) texts.push(at.message);
  }
  return oneLine(texts.join(': ')) || oneLine(String(error));
}
