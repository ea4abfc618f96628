import { STATUS_CODES } from 'node:http';
import { Context } from '@temporalio/activity';
import { type Duration, readDuration } from '../../common/text/duration.js';
import { show } from '../../common/text/show.js';

/** A failure that is made on purpose. Its message says so. */
export interface InjectedFailure {
  /** What happens, in one word or two: `503`, `hang`. */
  readonly kind: string;
  /** Ends an attempt with it. Always rejects. */
  fail(): Promise<never>;
}

const MARK = '(injected by temporal-recovery)';
/** The server gives a hanging attempt up first. */
const HANG_MARGIN_MS = 1_000;

/** What a response says beside its status. */
export interface HttpFailureOptions {
  /** Header `Retry-After`: milliseconds or a string such as `'5 seconds'`, rounded up to seconds. @default none */
  retryAfter?: Duration;
  /** Text of the error. @default the name of the status */
  message?: string;
}

/**
 * A response with an error status.
 * @throws TypeError for a status that is not from 400 to 599, or a `retryAfter` that is not a duration
 */
export function http(status: number, { retryAfter, message }: HttpFailureOptions = {}): InjectedFailure {
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new TypeError(`http: the status must be a whole number from 400 to 599; got ${show(status)}`);
  }
  const waitMs = retryAfter === undefined ? undefined : readDuration(retryAfter);
  if (retryAfter !== undefined && waitMs === undefined) {
    throw new TypeError(
      `http: retryAfter must be milliseconds or a string such as "5 seconds"; got ${show(retryAfter)}`,
    );
  }
  const headers = waitMs === undefined ? {} : { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
  const text = message ?? `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  return throwing(String(status), () =>
    Object.assign(new Error(`${text} ${MARK}`), { name: 'HttpError', status, headers }),
  );
}

/** A 429 with `Retry-After`. @param retryAfter milliseconds or a string such as `'5 seconds'` @throws TypeError as `http` */
export function rateLimited(retryAfter: Duration = '1 second'): InjectedFailure {
  return http(429, { retryAfter });
}

/** The connection is closed before the response: `ECONNRESET`. */
export function connectionReset(): InjectedFailure {
  return throwing('reset', () =>
    Object.assign(new Error(`read ECONNRESET ${MARK}`), { code: 'ECONNRESET', syscall: 'read' }),
  );
}

/**
 * The request was carried out, and the connection is closed before the response: the caller cannot know. Only the
 * plugin's option `chaos` runs the activity first.
 */
export function lostResponse(): InjectedFailure {
  return throwing('lostResponse', () =>
    Object.assign(new Error(`socket hang up after the request was carried out ${MARK}`), {
      code: 'ECONNRESET',
    }),
  );
}

/** No answer until the attempt is cancelled or its start-to-close time-out is over. For code that runs in an activity. */
export function hang(): InjectedFailure {
  return {
    kind: 'hang',
    async fail() {
      const { cancelled, info } = Context.current();
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<never>((_, reject) => {
        const error = Object.assign(new Error(`no answer in time ${MARK}`), { name: 'TimeoutError' });
        timer = setTimeout(() => reject(error), info.startToCloseTimeoutMs + HANG_MARGIN_MS);
      });
      try {
        return await Promise.race([cancelled, limit]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Each attempt gets an error of its own. */
function throwing(kind: string, make: () => Error): InjectedFailure {
  return {
    kind,
    async fail() {
      throw make();
    },
  };
}
