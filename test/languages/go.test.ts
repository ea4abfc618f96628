import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'node:test';
import { promisify } from 'node:util';
import { cacheDir } from '../../examples/temporal-server/cache.js';
import { has } from './has.js';
import { testOrders } from './orders.js';

const SOURCE = resolve(__dirname, '../../../test/languages/go-worker');
/** It takes 40 s with empty caches, download included, on two cores. */
const BUILD_LIMIT_MS = 150_000;

const skip = has('go', 'version') ? false : 'go is not on this machine';

describe('an activity worker of the Go SDK', { skip }, () => {
  testOrders('go', async () => {
    const folder = cacheDir(process.env);
    mkdirSync(folder, { recursive: true });
    const binary = join(folder, 'go-orders-worker');
    await promisify(execFile)('go', ['build', '-o', binary, '.'], { cwd: SOURCE, timeout: BUILD_LIMIT_MS });
    return [binary];
  });
});
