// Makes a fresh checkout ready to run: installs the dependencies and builds, each only when needed.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = (command, args) =>
  execFileSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
const modified = (path) => (existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0);

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.log('Installing dependencies…');
  // Not `npm ci`: it refuses lock files that leave out optional packages of other platforms, as npm writes them.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund']);
}
console.log('Building…');
run('npm', ['run', '--silent', 'build']);
