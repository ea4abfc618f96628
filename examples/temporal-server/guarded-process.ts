import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Ended, GuardReport } from './guard-report';

/** Variables that would make the guard, a node process, behave like part of a debugged or measured program. */
const NODE_ONLY = ['NODE_OPTIONS', 'NODE_V8_COVERAGE', 'NODE_TEST_CONTEXT'];

const STUCK_AFTER_MS = 10_000;

export interface GuardedProcess {
  /** Resolves when the command has ended, for whatever reason. */
  ended: Promise<Ended>;
  stop(): Promise<void>;
}

/** Runs a command that ends with this process at the latest; see guard.ts. */
export function startGuarded(command: string, args: string[], env: NodeJS.ProcessEnv): GuardedProcess {
  const guard = spawn(process.execPath, [join(__dirname, 'guard.js'), command, ...args], {
    // Away from the terminal's process group: Ctrl-C there must not take the server before its owner has drained.
    detached: true,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !NODE_ONLY.includes(name))),
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  });
  // The guard must not keep an owner alive that has nothing left to do.
  guard.unref();
  for (const pipe of [guard.stdin, guard.stdout]) (pipe as unknown as Socket).unref();
  guard.stdin.on('error', () => {});

  let pid: number | undefined;
  let told: Ended | undefined;
  createInterface({ input: guard.stdout }).on('line', (line) => {
    const report = JSON.parse(line) as GuardReport;
    if (report.event === 'spawned') pid = report.pid;
    else told = report;
  });
  const ended = new Promise<Ended>((resolve) => {
    guard.on('error', (error) => resolve({ reason: error.message, stderr: [] }));
    guard.on('close', (code, signal) => {
      // Somebody killed the guard itself: then the server is left to us.
      if (told === undefined && pid !== undefined) killGroup(pid);
      resolve(told ?? { reason: `its guard ended (${signal ?? code})`, stderr: [] });
    });
  });

  return {
    ended,
    async stop() {
      if (guard.exitCode !== null || guard.signalCode !== null || guard.pid === undefined) return;
      guard.ref();
      const closed = once(guard, 'exit');
      guard.stdin.end();
      // Without its guard the server is killed from here, see above.
      const stuck = setTimeout(() => guard.kill('SIGKILL'), STUCK_AFTER_MS);
      await closed;
      clearTimeout(stuck);
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It is already gone.
  }
}
