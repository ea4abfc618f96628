// Types a command line of the page into a shell, where `npx temporal-recovery` is the command line that was built here, and
// `temporal` the Temporal CLI.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from '../../cli/command-line.js';
import { eventually, type Harness } from '../../support/harness.js';

const MAIN = join(__dirname, '..', '..', '..', 'cli', 'main.js');
/** A terminal of its own, for commands that ask; elsewhere they are confirmed by a flag. */
const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

export interface Typed {
  readonly code: number | null;
  /** What the person sees, stdout and stderr. */
  readonly output: string;
}

export class Terminal {
  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(h: Harness): Promise<Terminal> {
    const folder = await mkdtemp(join(tmpdir(), 'operations-'));
    const programs = {
      npx: `test "$1" = temporal-recovery || exit 127\nshift\nexec '${process.execPath}' '${MAIN}' "$@"`,
      'temporal-recovery': `exec '${process.execPath}' '${MAIN}' "$@"`,
      temporal: `exec '${h.cliPath}' "$@"`,
    };
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(folder, name), 0o755);
    }
    return new Terminal(folder, {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      SHELL: '/bin/sh',
      TEMPORAL_ADDRESS: h.connectionOptions.address,
      TEMPORAL_NAMESPACE: h.namespace,
      TEMPORAL_UI_URL: h.uiUrl,
    });
  }

  /** @param answer to the question that the command must ask */
  async type(line: string, env: NodeJS.ProcessEnv = {}, answer?: string): Promise<Typed> {
    if (answer === undefined) return ended(this.spawn('/bin/sh', ['-c', `exec ${line}`], env));
    if (!hasTerminal) return ended(this.spawn('/bin/sh', ['-c', `exec ${line} --yes`], env));
    const child = this.spawn('script', ['-qec', line, '/dev/null'], env);
    const output = text(child, 'stdout');
    const finished = ended(child);
    await Promise.race([eventually(() => output().includes('[y/N]')), finished]);
    if (!output().includes('[y/N]')) throw new Error(`It did not ask: ${line}\n${output()}`);
    child.stdin?.write(`${answer}\n`);
    return finished;
  }

  /** A command that runs until it is stopped. */
  start(line: string): ChildProcess {
    return this.spawn('/bin/sh', ['-c', `exec ${line}`], {});
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private spawn(program: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    return spawn(program, args, { env: { ...this.env, ...env } });
  }
}

async function ended(child: ChildProcess): Promise<Typed> {
  const [stdout, stderr] = [text(child, 'stdout'), text(child, 'stderr')];
  const [code] = (await once(child, 'close')) as [number | null];
  child.stdin?.destroy();
  return { code, output: stdout() + stderr() };
}

export const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
