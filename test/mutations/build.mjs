// Builds the code with all its mutants. They change types, so the compiler has errors to report; what it writes is right.
import { spawnSync } from 'node:child_process';

spawnSync('npx', ['tsc', '-p', 'tsconfig.json'], { stdio: 'inherit', shell: process.platform === 'win32' });
