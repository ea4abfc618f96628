import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const exec = promisify(execFile);
export const root = join(__dirname, '..', '..', '..');

export interface Packed {
  readonly tarball: string;
  readonly files: readonly string[];
}

/** Packs what the last build made. */
export async function pack(folder: string): Promise<Packed> {
  const flags = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await exec('npm', flags, { cwd: root, maxBuffer: 1e8 });
  const answer: unknown = JSON.parse(stdout);
  const [info] = (Array.isArray(answer) ? answer : Object.values(answer as object)) as {
    filename: string;
    files: { path: string }[];
  }[];
  assert.ok(info);
  return { tarball: join(folder, info.filename), files: info.files.map(({ path }) => path) };
}

/** The peer dependencies, all at the version that the tests run with. */
export async function peers(): Promise<{ name: string; version: string }[]> {
  const read = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8'));
  const { version } = await read('node_modules/@temporalio/worker/package.json');
  const { peerDependencies } = await read('package.json');
  return Object.keys(peerDependencies).map((name) => ({ name, version }));
}
