import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../exit-codes.js';

/**
 * Arguments as a text for an editor, and back. What JSON cannot hold (bytes, dates, undefined) is shown as a
 * placeholder: left alone, it stays what it was.
 */
export class EditableArguments {
  private readonly shown: readonly unknown[];

  /** @throws UsageError where an argument could not be decoded: what is sent must be what the activity can read */
  constructor(private readonly original: readonly unknown[]) {
    this.shown = original.map((value, at) => {
      if (isPayload(value)) {
        throw new UsageError(
          `Argument ${at + 1} could not be decoded, so it cannot be edited: give --data-converter, the module with your workers' data converter`,
        );
      }
      if (value === undefined) return null;
      return isJson(value)
        ? value
        : `<argument ${at + 1} is a ${kind(value)}: leave this as it is to keep it>`;
    });
  }

  get text(): string {
    return `${JSON.stringify(this.shown, null, 2)}\n`;
  }

  /** @returns undefined where nothing was changed @throws UsageError where it is no JSON array */
  read(text: string): unknown[] | undefined {
    let edited: unknown;
    try {
      edited = JSON.parse(text);
    } catch (error) {
      throw new UsageError(`This is no JSON: ${(error as Error).message}`);
    }
    if (!Array.isArray(edited)) {
      throw new UsageError('The arguments must stay a JSON array, one element for each argument');
    }
    if (isDeepStrictEqual(edited, this.shown)) return undefined;
    return edited.map((value, at) =>
      at < this.shown.length && isDeepStrictEqual(value, this.shown[at]) ? this.original[at] : value,
    );
  }
}

function isJson(value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    return false;
  }
}

function kind(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  return value.constructor?.name ?? 'object';
}

/** What the client hands out for an argument it cannot decode. */
function isPayload(value: unknown): boolean {
  const encoding = (value as { metadata?: { encoding?: unknown } } | null)?.metadata?.encoding;
  return encoding instanceof Uint8Array;
}
