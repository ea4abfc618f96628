import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { msOptionalToNumber } from '@temporalio/common/lib/time';
import { getString } from '../../common/errors/safe.js';
import { cutBytes, utf8Length } from '../../common/text/text.js';

/**
 * The server keeps 4 KB of the failure of an attempt that another one follows
 * (`limit.mutableStateActivityFailureSize.error`), and shows "Failure exceeds size limit." instead of a larger one.
 */
const SERVER_LIMIT_BYTES = 4_000;
/** Codecs, and `encodeCommonAttributes`, make about a third more of it. */
const ENCODED_LIMIT_BYTES = 2_700;
/** Ours is the detail that is added: at least so much. */
const OWN_BYTES = 500;
/** Of each failure of the chain, on the wire. */
const FRAME_BYTES = 60;
const MAX_CAUSES = 5;
const MAX_CAUSE_BYTES = 400;
const MAX_TYPE_BYTES = 200;
const MAX_DETAILS_BYTES = 800;
/** A stack that is shorter says nothing. */
const MIN_STACK_BYTES = 100;
/** The server counts the time left by its own clock. */
const CLOCK_MARGIN_MS = 2_000;

/**
 * The failure as the server shows it while the call is retried: whole where it fits, else its message, its causes' messages
 * and the beginning of its stack. Small details stay, larger ones come with the last failure.
 */
export function pendingFailure(
  failure: ApplicationFailure,
  detail: object,
  { client }: Context,
): ApplicationFailure {
  const { payloadCodecs, failureConverter } = client.options.loadedDataConverter;
  const ownBytes = Math.max(OWN_BYTES, 2 * FRAME_BYTES + jsonSize(detail));
  const isEncoded =
    payloadCodecs.length > 0 || ('options' in failureConverter && encodes(failureConverter.options));
  const limit = (isEncoded ? ENCODED_LIMIT_BYTES : SERVER_LIMIT_BYTES) - ownBytes;
  return sizeOf(failure) <= limit ? failure : cutTo(failure, limit);
}

function encodes(options: unknown): boolean {
  return (options as { encodeCommonAttributes?: unknown } | undefined)?.encodeCommonAttributes === true;
}

/** Whether another attempt follows for certain: the server ends a call by its retry policy and its time as well. */
export function isFollowed(
  { info }: Context,
  delay: ApplicationFailure['nextRetryDelay'],
  scheduleToCloseAt: number | undefined,
  now: number,
): boolean {
  const {
    maximumAttempts = 0,
    initialInterval,
    backoffCoefficient = 2,
    maximumInterval,
  } = info.retryPolicy ?? {};
  if (maximumAttempts > 0 && info.attempt >= maximumAttempts) return false;
  if (scheduleToCloseAt === undefined) return true;
  const first = msOptionalToNumber(initialInterval) ?? 1_000;
  const longest = msOptionalToNumber(maximumInterval) ?? first * 100;
  const backoff = Math.min(longest, first * backoffCoefficient ** (info.attempt - 1));
  return now + (msOptionalToNumber(delay) ?? backoff) + CLOCK_MARGIN_MS < scheduleToCloseAt;
}

function cutTo(failure: ApplicationFailure, limit: number): ApplicationFailure {
  let left = limit - FRAME_BYTES;
  const take = (text: string, bytes: number) => {
    const kept = cutBytes(text, Math.max(0, Math.min(bytes, left)));
    left -= utf8Length(kept);
    return kept;
  };
  const type = take(failure.type ?? 'Error', MAX_TYPE_BYTES);
  const message = take(failure.message, limit / 3);
  const size = detailsSize(failure);
  const keepsDetails = size <= MAX_DETAILS_BYTES;
  const details = keepsDetails ? (failure.details ?? undefined) : ['(details come with the last failure)'];
  left -= keepsDetails ? size : 2 * FRAME_BYTES;
  const causes: { type: string; message: string }[] = [];
  let cause: unknown = failure.cause;
  while (cause instanceof Error && causes.length < MAX_CAUSES && left > MAX_CAUSE_BYTES + MAX_TYPE_BYTES) {
    left -= FRAME_BYTES;
    const name = cause instanceof ApplicationFailure ? cause.type : getString(cause, 'name');
    causes.push({
      type: take(name ?? 'Error', MAX_TYPE_BYTES),
      message: take(getString(cause, 'message') ?? '', MAX_CAUSE_BYTES),
    });
    cause = (cause as Error).cause;
  }
  const inner = causes.reduceRight<ApplicationFailure | undefined>((within, each) => {
    const made = ApplicationFailure.create({ ...each, cause: within });
    made.stack = '';
    return made;
  }, undefined);
  const { nonRetryable, nextRetryDelay, category } = failure;
  const cut = new ApplicationFailure(message, type, nonRetryable, details, inner, nextRetryDelay, category);
  cut.stack = left > MIN_STACK_BYTES ? take(failure.stack ?? '', left) : '';
  return cut;
}

/** On the wire, a little more rather than less. */
function sizeOf(failure: ApplicationFailure): number {
  let size = detailsSize(failure);
  let each: unknown = failure;
  for (let depth = 0; each instanceof Error && size <= SERVER_LIMIT_BYTES && depth < 100; depth++) {
    const texts = [
      each.message,
      each.stack ?? '',
      each instanceof ApplicationFailure ? each.type : each.name,
    ];
    size += FRAME_BYTES + texts.reduce((sum, text) => sum + utf8Length(String(text ?? '')), 0);
    if (each !== failure && each instanceof ApplicationFailure) size += detailsSize(each);
    each = each.cause;
  }
  // A cause that is no error is written as JSON.
  return each === undefined || each instanceof Error ? size : size + jsonSize(each);
}

function detailsSize({ details }: ApplicationFailure): number {
  return (details ?? []).reduce<number>((sum, detail) => sum + FRAME_BYTES + jsonSize(detail), 0);
}

/** About what a converter makes of it; what cannot be written is taken for large. */
function jsonSize(value: unknown): number {
  try {
    if (value instanceof Uint8Array) return value.byteLength;
    return utf8Length(JSON.stringify(value) ?? '');
  } catch {
    return SERVER_LIMIT_BYTES;
  }
}
