// Started as its own process: `node guard.js <command> <args…>`. Runs the command exactly as long as its owner
// lives. The owner holds the other end of this process' stdin; the operating system closes that pipe however the
// owner ends, kill -9 and crashes included, which no handler inside the owner could notice.
import { spawn } from 'node:child_process';
import type { GuardReport } from './guard-report';

const STDERR_LINES = 20;

const [command = '', ...args] = process.argv.slice(2);

// Ctrl-C or a service manager's SIGTERM may reach this process as well. Only the owner decides when the server
// ends: its workers still need it while they drain.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Nobody reads this pipe any more once the owner is gone.
process.stdout.on('error', () => {});

// A group of its own, so that killing reaches the server behind a wrapper script too.
const child = spawn(command, args, {
  detached: process.platform !== 'win32',
  stdio: ['ignore', 'ignore', 'pipe'],
  windowsHide: true,
});

let tail: string[] = [];
child.stderr.setEncoding('utf8').on('data', (text: string) => {
  const joined = `${tail.pop() ?? ''}${text}`;
  tail = joined === '' ? tail : [...tail, ...joined.split('\n')].slice(-STDERR_LINES);
});
child.on('spawn', () => report({ event: 'spawned', pid: child.pid as number }));
child.on('error', (error) => report({ event: 'ended', reason: error.message, stderr: [] }, true));
child.on('close', (code, signal) => {
  const reason = signal === null ? `exit code ${code}` : `signal ${signal}`;
  report({ event: 'ended', reason, stderr: tail.filter((line) => line.trim() !== '') }, true);
});

process.stdin.on('error', kill).on('close', kill).on('end', kill).resume();
process.on('uncaughtException', () => {
  kill();
  process.exit(1);
});

/** SIGKILL at once: a server has nothing to save that is not in its file, and a graceful stop would only take longer. */
function kill(): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It ended in between.
  }
}

function report(message: GuardReport, last = false): void {
  process.stdout.write(`${JSON.stringify(message)}\n`, () => {
    if (last) process.exit(0);
  });
}
