import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 200;
const LIMIT_MS = 60_000;

/** Asks until the answer is not `undefined`. @throws an Error that names what is missing, after a minute */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Not seen within ${LIMIT_MS / 1_000} s: ${what}`);
    await wait(LOOK_MS);
  }
}
