/** What `fn` gives, or the signal's reason as soon as it aborts, even if `fn` never ends. */
export async function untilAborted<T>(
  fn: (signal?: AbortSignal) => T | PromiseLike<T>,
  signal: AbortSignal | undefined,
): Promise<Awaited<T>> {
  if (signal === undefined) return await fn();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([(async () => await fn(signal))(), aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
