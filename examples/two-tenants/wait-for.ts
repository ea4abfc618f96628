import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 200;

/** Asks until the answer is not `undefined`. @throws an Error that says what was waited for, after a minute */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  limitMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Not seen within ${limitMs / 1_000} s: ${what}`);
    await wait(LOOK_MS);
  }
}
