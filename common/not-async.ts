/**
 * What a function of the user's has answered.
 * @param option its name
 * @throws TypeError for a promise: where the answer is needed, none is awaited
 */
export function notAsync<T>(option: string, answer: T): T {
  if (!isThenable(answer)) return answer;
  // An unhandled rejection would end the process.
  Promise.resolve(answer).catch(() => undefined);
  throw new TypeError(
    `${option}: the function returned a promise, but must not be async. Return the value itself`,
  );
}

function isThenable(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
