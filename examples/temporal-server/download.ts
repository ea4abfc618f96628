import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadDir, downloadedBinary } from './cache';
import { withoutConnection } from './environment';
import { elapsed } from './text';
import type { Settings } from './types';

/** The SDK sets no timeout of its own: a network that swallows packets would hang it for ever. */
const STALLED_AFTER_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
const TELL_EVERY_MS = 5_000;

/**
 * Lets the SDK download the CLI into our cache, and returns the binary. In a child process, because the SDK's
 * native runtime can be set up only once per process (that is the caller's to do) and its download cannot be
 * interrupted otherwise.
 */
export async function downloadCli(settings: Settings): Promise<string> {
  const directory = downloadDir(settings.env);
  await mkdir(directory, { recursive: true });
  await removeAbandoned(directory);
  settings.log('Downloading the Temporal CLI (temporal.download)…');
  const child = spawn(process.execPath, [join(__dirname, 'download-child.js'), directory], {
    env: withoutConnection(settings.env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const watch = watchProgress(directory, settings.log, () => child.kill('SIGKILL'));
  try {
    await once(child, 'close');
  } finally {
    watch.stop();
  }
  const binary = await downloadedBinary(settings.env);
  if (binary !== undefined) return binary;
  throw new Error(
    watch.stalled()
      ? `nothing arrived for ${STALLED_AFTER_MS / 1000} s`
      : stderr.trim() || 'it failed silently',
  );
}

/** Half a file of a killed download would keep the SDK waiting for its end as long as we wait for the SDK. */
async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const age = Date.now() - (await stat(path)).mtimeMs;
    if (name.endsWith('.downloading') && age > STALLED_AFTER_MS) await rm(path, { force: true });
  }
}

/** Tells how much has arrived, and calls `onStalled` when nothing has for a minute. */
function watchProgress(directory: string, log: (line: string) => void, onStalled: () => void) {
  const started = Date.now();
  let seen = 0;
  let movedAt = started;
  let toldAt = started;
  let stalled = false;
  const timer = setInterval(async () => {
    const size = await sizeOf(directory);
    const now = Date.now();
    if (size !== seen) movedAt = now;
    seen = size;
    if (size > 0 && now - toldAt >= TELL_EVERY_MS) {
      toldAt = now;
      log(`Downloading the Temporal CLI: ${Math.round(size / 1e6)} MB unpacked, ${elapsed(now - started)}`);
    }
    if (now - movedAt >= STALLED_AFTER_MS) {
      stalled = true;
      onStalled();
    }
  }, LOOK_EVERY_MS);
  return { stop: () => clearInterval(timer), stalled: () => stalled };
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
