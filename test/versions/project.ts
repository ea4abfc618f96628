import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exec, root } from '../package/pack.js';

const PROGRAM = ['program.js', 'workflows.js', 'own-converter.js'];
const PEERS = ['activity', 'client', 'common', 'plugin', 'worker', 'workflow'];

/** A project of its own with the program in it. */
export interface Project {
  readonly folder: string;
  /** Runs the program; what it printed in its last line. @throws with what it wrote to stderr */
  run(env: NodeJS.ProcessEnv): Promise<unknown>;
  /** Problems of the types of this package beside those of the SDK. */
  typeProblems(): Promise<string[]>;
  remove(): Promise<void>;
}

/** The packed package, installed beside a version of the SDK; needs the registry. */
export async function installedProject(tarball: string, version: string): Promise<Project> {
  const project = await emptyProject();
  const packages = PEERS.map((peer) => `@temporalio/${peer}@${version}`);
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...packages];
  await exec('npm', install, { cwd: project.folder, maxBuffer: 1e8 });
  return project;
}

/** This build beside the SDK of this repository, which says that it is another version and has `changes` in its internals. */
export async function projectWithFakeSdk(
  version: string,
  changes: readonly (readonly [from: string | RegExp, to: string])[],
): Promise<Project> {
  const project = await emptyProject();
  const [from, to] = [join(root, 'node_modules'), join(project.folder, 'node_modules')];
  await mkdir(join(to, '@temporalio'), { recursive: true });
  const links = (await readdir(from)).filter((name) => name !== '@temporalio' && !name.startsWith('.'));
  for (const name of links) await symlink(join(from, name), join(to, name));
  for (const name of await readdir(join(from, '@temporalio'))) {
    const [source, target] = [join(from, '@temporalio', name), join(to, '@temporalio', name)];
    // They are large, and hold nothing of what is changed.
    if (['core-bridge', 'proto'].includes(name)) await symlink(source, target);
    else await cp(source, target, { recursive: true, dereference: true });
  }
  const workflow = join(to, '@temporalio', 'workflow');
  const manifest = JSON.parse(await readFile(join(workflow, 'package.json'), 'utf8'));
  await writeFile(join(workflow, 'package.json'), JSON.stringify({ ...manifest, version }));
  for (const file of (await readdir(join(workflow, 'lib'))).filter((name) => name.endsWith('.js'))) {
    const path = join(workflow, 'lib', file);
    const code = await readFile(path, 'utf8');
    await writeFile(
      path,
      changes.reduce((text, [what, by]) => text.replaceAll(what, by), code),
    );
  }
  const own = join(to, 'temporal-recovery');
  await mkdir(join(own, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(own, 'package.json'));
  for (const name of ['activities', 'apilinker', 'cli', 'client', 'common', 'worker', 'workflows'])
    await cp(join(root, 'dist', name), join(own, 'dist', name), { recursive: true });
  return project;
}

async function emptyProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-versions-'));
  await writeFile(
    join(folder, 'package.json'),
    '{ "name": "versions", "version": "1.0.0", "private": true }',
  );
  for (const file of PROGRAM) await cp(join(__dirname, file), join(folder, file));
  return {
    folder,
    async run(env) {
      const flags = { cwd: folder, env, timeout: 120_000, maxBuffer: 1e8 };
      const { stdout } = await exec(process.execPath, ['program.js'], flags);
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    },
    async typeProblems() {
      await cp(join(root, 'test', 'versions', 'types.ts'), join(folder, 'types.mts'));
      for (const name of ['@types/node', 'undici-types'])
        await cp(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
      const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
      const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
      const { stdout } = await exec(process.execPath, [tsc, ...flags, 'types.mts'], { cwd: folder }).catch(
        (error: { stdout: string }) => error,
      );
      // What is wrong in the declarations of others is not ours.
      return stdout.split('\n').filter((line) => /^(types\.mts|node_modules.temporal-recovery)/.test(line));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
