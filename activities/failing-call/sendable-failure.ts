import { Context } from '@temporalio/activity';
import {
  ApplicationFailure,
  ApplicationFailureCategory,
  defaultPayloadConverter,
  ensureApplicationFailure,
  type PayloadConverter,
  TemporalFailure,
} from '@temporalio/common';
import { plainJson } from '../../common/errors/plain-json.js';
import { getString, items, textOf } from '../../common/errors/safe.js';
import { isTooDeep } from '../../common/payload/json-depth.js';
import { megabytes, payloadBytes } from '../../common/payload/payload-size.js';
import { readDuration } from '../../common/text/duration.js';
import { wellFormed } from '../../common/text/text.js';

/** Bytes. The server takes messages of 4 MB, in which all of a failure has to be. */
const MAX_TEXT = 500_000;
const MAX_STACK = 100_000;
const MAX_DETAILS_BYTES = 1_500_000;
/** All texts of the chain. */
const MAX_ALL_TEXT = 1_000_000;
const MAX_TYPE = 1_000;
/** Core reads a failure that is nested about 100 deep, and no deeper. */
const MAX_CAUSES = 20;
const MAX_DETAILS = 1_000;
const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;
/** JSON that is shorter is not nested too deep. */
const SHALLOW_BYTES = 2_000;

/**
 * The same failure as the SDK can send it. Errors whose causes form a circle or a very long chain, details that cannot be
 * written, durations that are no number and half characters end the whole worker otherwise, since the SDK converts them
 * outside of any try. What can be sent stays the same object.
 */
export function sendable(failure: ApplicationFailure): ApplicationFailure {
  return new Sender().failure(failure);
}

/** Anything that was thrown, as it is if it can be sent, else as a failure that can. */
export function sendableError(error: unknown): unknown {
  if (error instanceof TemporalFailure && error.failure) return error;
  const sender = new Sender();
  const made = applicationFailureOf(error);
  const failure = sender.failure(made);
  return sender.hasChanged || sender.cannotRead(error) ? failure : error;
}

/** As the SDK makes an ApplicationFailure of what was thrown, also where that cannot be read. */
export function applicationFailureOf(error: unknown): ApplicationFailure {
  try {
    return ensureApplicationFailure(error);
  } catch {
    const message = getString(error, 'message') ?? textOf(error);
    return ApplicationFailure.create({ message, type: getString(error, 'name') });
  }
}

/** Cleans one failure, and keeps account of what it needs. */
class Sender {
  hasChanged = false;
  private textLeft = MAX_ALL_TEXT;
  private bytesLeft = MAX_DETAILS_BYTES;
  private readonly seen = new Set<unknown>();
  private readonly converter = converterOfWorker();

  failure(failure: ApplicationFailure): ApplicationFailure {
    this.seen.add(failure);
    const outside = this.hasChanged;
    this.hasChanged = false;
    const message = this.text(this.read(failure, 'message'), MAX_TEXT);
    const type = this.optionalText(this.read(failure, 'type'), MAX_TYPE);
    const stack = this.optionalText(this.read(failure, 'stack'), MAX_STACK);
    const details = this.details(this.read(failure, 'details'));
    const cause = this.cause(this.read(failure, 'cause'), MAX_CAUSES);
    const nextRetryDelay = this.delay(this.read(failure, 'nextRetryDelay'));
    const category = this.read(failure, 'category');
    const isCategory =
      category === undefined || category === null || category === ApplicationFailureCategory.BENIGN;
    if (!isCategory) this.hasChanged = true;
    if (!this.hasChanged) {
      this.hasChanged = outside;
      return failure;
    }
    const clean = new ApplicationFailure(
      message,
      type,
      this.read(failure, 'nonRetryable') === true,
      details,
      cause as Error | undefined,
      nextRetryDelay,
      isCategory ? (category as ApplicationFailureCategory | undefined) : undefined,
    );
    clean.stack = stack ?? '';
    return clean;
  }

  /** Whether the SDK fails to read what it needs of it. */
  cannotRead(error: unknown): boolean {
    for (const key of ['message', 'name', 'stack', 'cause', 'constructor']) this.read(error, key);
    return this.hasChanged;
  }

  /** A getter that throws would end the worker as well. */
  private read(object: unknown, key: string): unknown {
    if (typeof object !== 'object' || object === null) return undefined;
    try {
      return (object as Record<string, unknown>)[key];
    } catch {
      return this.instead(undefined);
    }
  }

  private cause(cause: unknown, left: number): unknown {
    if (cause === undefined || cause === null) return cause;
    if (left === 0 || this.seen.has(cause)) return this.instead(undefined);
    if (cause instanceof ApplicationFailure && !cause.failure) return this.failure(cause);
    // From the server, and sent back as it came.
    if (cause instanceof TemporalFailure && cause.failure) return cause;
    if (typeof cause !== 'object')
      return typeof cause === 'string' ? this.text(cause, MAX_TEXT) : this.described(cause);
    this.seen.add(cause);
    const outside = this.hasChanged;
    this.hasChanged = false;
    const message = this.read(cause, 'message');
    const isError = typeof message === 'string' && typeof this.read(cause, 'name') === 'string';
    if (!isError) {
      this.hasChanged = outside;
      return this.described(cause);
    }
    const text = this.text(message, MAX_TEXT);
    const stack = this.optionalText(this.read(cause, 'stack'), MAX_STACK);
    const inner = this.cause(this.read(cause, 'cause'), left - 1);
    if (cause instanceof TemporalFailure && !this.canBeConverted(cause)) this.hasChanged = true;
    if (!this.hasChanged) {
      this.hasChanged = outside;
      return cause;
    }
    const clean = new Error(text);
    Object.assign(clean, { name: getString(cause, 'name') ?? 'Error', stack: stack ?? '', cause: inner });
    return clean;
  }

  /** The SDK's other failures may hold details of their own. */
  private canBeConverted(failure: TemporalFailure): boolean {
    const given = [
      ...items(this.read(failure, 'details'), MAX_DETAILS),
      this.read(failure, 'lastHeartbeatDetails'),
    ];
    return given.every((detail) => this.payloadSize(detail) !== undefined);
  }

  /** A thrown value that is not an error: the SDK would write all of it as JSON. */
  private described(cause: unknown): unknown {
    try {
      const json = typeof cause === 'object' ? JSON.stringify(cause) : undefined;
      if (json !== undefined && json.length <= Math.min(MAX_TEXT, this.textLeft)) {
        this.textLeft -= json.length;
        return cause;
      }
    } catch {
      // It cannot be written as it is.
    }
    if (typeof cause !== 'object')
      return typeof cause === 'function' || typeof cause === 'symbol' ? this.instead(String(cause)) : cause;
    return this.instead(this.text(JSON.stringify(plainJson(cause)) ?? 'an object', MAX_TEXT));
  }

  private details(details: unknown): unknown[] | undefined {
    if (details === undefined || details === null) return undefined;
    const given = items(details, MAX_DETAILS);
    if (!Array.isArray(details) || given.length < details.length) this.hasChanged = true;
    return given.map((detail) => this.detail(detail));
  }

  private detail(detail: unknown): unknown {
    const size = this.payloadSize(detail);
    if (size !== undefined && size <= this.bytesLeft) {
      this.bytesLeft -= size;
      return detail;
    }
    if (size !== undefined) return this.instead(`(left out: a detail of ${megabytes(size)})`);
    const plain = plainJson(detail);
    const plainSize = plain === undefined ? undefined : this.payloadSize(plain);
    const fits = plainSize !== undefined && plainSize <= this.bytesLeft;
    if (fits) this.bytesLeft -= plainSize;
    return this.instead(fits ? plain : '(a detail that cannot be sent)');
  }

  /** Undefined for what cannot be written, or not read again. */
  private payloadSize(value: unknown): number | undefined {
    try {
      const payload = this.converter.toPayload(value);
      this.converter.fromPayload(payload);
      const size = payloadBytes([payload]);
      if (size <= SHALLOW_BYTES || !isJson(payload.metadata?.encoding)) return size;
      return isTooDeep(JSON.parse(Buffer.from(payload.data ?? []).toString())) ? undefined : size;
    } catch {
      return undefined;
    }
  }

  private delay(given: unknown): ApplicationFailure['nextRetryDelay'] {
    if (given === undefined || given === null) return undefined;
    const milliseconds = readDuration(given);
    if (milliseconds === undefined || milliseconds < 0) return this.instead(undefined);
    if (milliseconds > TEN_YEARS_MS) return this.instead(TEN_YEARS_MS);
    return given as ApplicationFailure['nextRetryDelay'];
  }

  private optionalText(value: unknown, limit: number): string | undefined {
    return value === undefined || value === null ? undefined : this.text(value, limit);
  }

  private text(value: unknown, limit: number): string {
    const given = textOf(value ?? '');
    const room = Math.min(limit, this.textLeft);
    const cut = Buffer.byteLength(given) > room ? cutToBytes(given, room) : given;
    const clean = wellFormed(cut);
    this.textLeft -= Buffer.byteLength(clean);
    return clean === value ? clean : this.instead(clean);
  }

  private instead<T>(value: T): T {
    this.hasChanged = true;
    return value;
  }
}

/** As many whole characters as fit, with an ellipsis. */
function cutToBytes(text: string, bytes: number): string {
  if (bytes < 3) return '';
  const kept = Buffer.from(text)
    .subarray(0, bytes - 3)
    .toString();
  return `${kept.replace(/\uFFFD$/, '')}…`;
}

function isJson(encoding: Uint8Array | undefined): boolean {
  return encoding !== undefined && Buffer.from(encoding).toString() === 'json/plain';
}

/** Outside of an activity, as in a test, the default one. */
function converterOfWorker(): PayloadConverter {
  try {
    return Context.current().client.options.loadedDataConverter.payloadConverter;
  } catch {
    return defaultPayloadConverter;
  }
}
