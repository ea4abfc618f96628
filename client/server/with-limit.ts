import type { Client } from '@temporalio/client';

/** An answer of the server was not waited for any longer. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

export interface Limit {
  /** Milliseconds to wait at most. */
  readonly limitMs: number;
  /** Ends the wait before. */
  readonly signals?: readonly AbortSignal[];
}

/** The wait ends first, so that its end always shows as a NoAnswerError. */
const DEADLINE_AFTER_MS = 1_000;

/**
 * What `call` asks of the server, with a limit to the wait. A connection of a client cancels the request then; that of a
 * worker has no way to (it ignores abort signals, SDK 1.24): so it is the wait that ends, and the request follows by its
 * deadline.
 * @throws NoAnswerError
 */
export function withLimit<T>(
  { connection }: Pick<Client, 'connection'>,
  { limitMs, signals = [] }: Limit,
  call: () => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => {
      cleanUp();
      ending.abort();
      reject(new NoAnswerError(`No answer within ${limitMs} ms`));
    };
    const timer = setTimeout(giveUp, limitMs);
    const cleanUp = () => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', giveUp);
    };
    if (signals.some(({ aborted }) => aborted)) return giveUp();
    for (const signal of signals) signal.addEventListener('abort', giveUp);
    const deadline = Date.now() + limitMs + DEADLINE_AFTER_MS;
    connection
      .withAbortSignal(ending.signal, () => connection.withDeadline(deadline, call))
      .finally(cleanUp)
      .then(resolve, reject);
  });
}
