import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { exec, type Packed, peers, root } from './pack.js';
import { NPM, type SetUp } from './set-ups.js';

const FILES = ['main', 'program', 'workflows'];

/** Installs the packed package as a set-up says, in a project of its own, and runs its commands. @returns what the last one printed */
export async function runSetUp(setUp: SetUp, packed: Packed, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-recovery-set-up-'));
  try {
    await writeProject(folder, setUp, packed);
    const path = `${join(folder, 'node_modules', '.bin')}${delimiter}${env.PATH}`;
    const options = { cwd: folder, env: { ...env, PATH: path, CI: 'true', NO_COLOR: '1', FORCE_COLOR: '0' } };
    const commands = [setUp.install ?? NPM, ...setUp.run];
    for (const command of commands.slice(0, -1)) await shell(command, options);
    // A set-up may expect an error.
    return await shell(commands.at(-1) ?? '', options).catch(({ message }: Error) => message);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function writeProject(folder: string, setUp: SetUp, packed: Packed): Promise<void> {
  for (const name of FILES)
    await (setUp.isTypeScript
      ? cp(join(root, 'test', 'package', 'app', `${name}.ts`), join(folder, `${name}.ts`))
      : cp(join(__dirname, 'app', `${name}.js`), join(folder, `${name}.js`)));
  const { packages = {}, manifest, files = {} } = setUp;
  const sdk = await peers();
  const dependencies = {
    ...Object.fromEntries(sdk.map(({ name, version }) => [name, version])),
    ...Object.fromEntries(
      Object.entries(packages).map(([name, range]) => [name, range === OF_SDK ? sdk[0]?.version : range]),
    ),
    'temporal-recovery': `file:${packed.tarball}`,
  };
  const fields = { name: 'set-up', version: '1.0.0', private: true, ...manifest, dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(fields));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** Range of a package that is released with the SDK. */
const OF_SDK = 'of the SDK';

/** @throws with all that was printed */
async function shell(command: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string> {
  const flags = { ...options, maxBuffer: 1e8, timeout: 300_000 };
  try {
    const { stdout, stderr } = await exec('sh', ['-c', command], flags);
    return `${stdout}${stderr}`;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command}\n${stdout}${stderr}`);
  }
}
