import { open, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const BEAT_MS = 5_000;
/** A holder that was killed beats no more. Generous: should one only have been suspended, work is done twice. */
const STALE_AFTER_MS = 30_000;

export interface LockOptions {
  /** Called once when somebody else holds the lock. */
  onWait: () => void;
}

/**
 * Runs `work` while holding the lock file. A heartbeat instead of a process id: it stays right across containers
 * that share a cache directory. Two holders are possible in theory, so `work` must tolerate them.
 */
export async function withLock<T>(path: string, { onWait }: LockOptions, work: () => Promise<T>): Promise<T> {
  let waited = false;
  while (!(await tryCreate(path))) {
    if (!waited) onWait();
    waited = true;
    if (await isStale(path)) await rm(path, { force: true });
    else await delay(500);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(path, { force: true });
  }
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > STALE_AFTER_MS;
}
