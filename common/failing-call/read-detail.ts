import { DETAIL_KEY } from '../contract.js';
import type { Attempt, Held } from '../dead-letter/record.js';
import { isErrorCategory } from '../errors/category.js';
import { type Fields, isFields, isStatus, isTime, readErrorJson } from '../errors/read-error-json.js';
import { beginning } from '../text/text.js';
import type { AttemptLedger } from './attempt-ledger.js';
import type { FailureDetail } from './failure-detail.js';

/**
 * What is under our key in the details of a failure or in heartbeat details may be made up, of another version, or of
 * another workflow's failure that was handed on. So it is read field by field: what has another shape than ours is as
 * good as not there, texts are cut, and what is unknown is left out.
 */

const MAX_ATTEMPTS = 20;
const MAX_NAME = 200;
const MAX_BREAKER = 1_000;
const MAX_SCALARS = 20;
/** A year. */
const MAX_MS = 365 * 24 * 3_600_000;

/** Fields of a ledger. */
const COUNTS = [
  'server',
  'begun',
  'at',
  'notCounted',
  'spared',
  'lost',
  'waits',
] satisfies (keyof AttemptLedger)[];
const TEXTS = [
  'progress',
  'usedUpAt',
  'throttledSince',
  'heldSince',
  'restartedAt',
] satisfies (keyof AttemptLedger)[];

/**
 * The appended detail of a failure. Ours is the last one: what is under our key before it was made up, or came with a
 * failure of another call.
 */
export function findFailureDetail(details: readonly unknown[] | null | undefined): FailureDetail | undefined {
  const value = lastDetail(details);
  if (value === undefined || !isCount(value.attempts)) return undefined;
  const error = readErrorJson(value.error);
  const history = readAttempts(value.history ?? []);
  if (error === undefined || history === undefined) return undefined;
  const held = value.held === undefined ? undefined : readHeld(value.held);
  const scheduledAt = isTime(value.scheduledAt) ? value.scheduledAt : undefined;
  const breaker = readBreaker(value.breaker);
  const build = typeof value.build === 'string' ? beginning(value.build, MAX_NAME) : '';
  const { scheduledAt: _, limited: __, build: ___, breaker: ____, ...others } = scalars(value);
  return {
    ...others,
    v: 1,
    error,
    attempts: value.attempts,
    history,
    ...(scheduledAt === undefined ? {} : { scheduledAt }),
    ...(value.limited === true ? { limited: true } : {}),
    ...(build === '' ? {} : { build }),
    ...(breaker === undefined ? {} : { breaker }),
    ...(held === undefined ? {} : { held }),
  };
}

/** Whether the appended detail of an attempt says that its worker handles failures of local activities. */
export function isHandled(details: readonly unknown[] | null | undefined): boolean {
  return lastDetail(details)?.handled === true;
}

/** The circuit breaker that the appended detail of any attempt names, also of one that another was to follow. */
export function findBreaker(details: readonly unknown[] | null | undefined): string | undefined {
  return readBreaker(lastDetail(details)?.breaker);
}

/** What a call waits for whose attempt was rejected, or whose attempts are used up; undefined for one that is just tried again. */
export function findWait(details: readonly unknown[] | null | undefined): { breaker?: string } | undefined {
  const detail = lastDetail(details);
  if (detail?.rejected !== true && typeof detail?.waits !== 'string') return undefined;
  const breaker = readBreaker(detail.breaker);
  return breaker === undefined ? {} : { breaker };
}

/** Undefined for what is none, or of a version that is not known. */
function lastDetail(details: readonly unknown[] | null | undefined): Fields | undefined {
  const last = details?.at(-1);
  const detail = isFields(last) ? last[DETAIL_KEY] : undefined;
  return isFields(detail) && detail.v === 1 ? detail : undefined;
}

/** The ledger of earlier attempts; undefined for what is none, or of a version that is not known. */
export function readLedger(value: unknown): AttemptLedger | undefined {
  if (!isFields(value) || value.v !== 1) return undefined;
  const attempts = readAttempts(value.attempts);
  if (attempts === undefined) return undefined;
  const fits =
    COUNTS.every((name) => value[name] === undefined || isCount(value[name])) &&
    TEXTS.every((name) => value[name] === undefined || typeof value[name] === 'string');
  return fits ? { ...scalars(value), v: 1, attempts } : undefined;
}

/** The last attempts of a ledger; undefined for what is no list of attempts. */
function readAttempts(value: unknown): readonly Attempt[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const attempts = value.slice(-MAX_ATTEMPTS).map(readAttempt);
  return attempts.every((attempt) => attempt !== undefined) ? attempts : undefined;
}

function readAttempt(value: unknown): Attempt | undefined {
  if (!isFields(value)) return undefined;
  const { attempt, startedAt, failedAt, category, status, message } = value;
  if (!isCount(attempt) || !isErrorCategory(category) || typeof message !== 'string') return undefined;
  if (startedAt !== undefined && !isTime(startedAt)) return undefined;
  if (failedAt !== undefined && !isTime(failedAt)) return undefined;
  if (status !== undefined && !isStatus(status)) return undefined;
  return {
    ...scalars(value),
    attempt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(failedAt === undefined ? {} : { failedAt }),
    category,
    ...(status === undefined ? {} : { status }),
    message: beginning(message, MAX_NAME),
  };
}

function readBreaker(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_BREAKER ? value : undefined;
}

function readHeld(value: unknown): Held | undefined {
  if (!isFields(value)) return undefined;
  const { afterMs } = value;
  const breaker = readBreaker(value.breaker);
  if (breaker === undefined) return undefined;
  const isWait = typeof afterMs === 'number' && afterMs >= 0 && afterMs <= MAX_MS;
  return { breaker, ...(isWait ? { afterMs } : {}) };
}

function scalars(value: Fields): Record<string, string | number | boolean> {
  const isKept = (each: unknown) =>
    typeof each === 'boolean' ||
    Number.isFinite(each) ||
    (typeof each === 'string' && each.length <= MAX_NAME);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => isKept(each))
      .slice(0, MAX_SCALARS),
  ) as Record<string, string | number | boolean>;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
