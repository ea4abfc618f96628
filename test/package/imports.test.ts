import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { VERSION } from '../../common/version.js';
import { WORKFLOW_CODE } from '../../common/workflow-code.js';
import { exec, root } from './pack.js';

/** Prints the names of the packages that an entry loads. */
const LOADED = `
require(process.argv[1]);
const name = (path) => /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(path)?.[1];
console.log(JSON.stringify([...new Set(Object.keys(require.cache).map(name))].filter(Boolean)));`;

async function loadedBy(entry: string): Promise<Set<string>> {
  const { stdout } = await exec(process.execPath, ['-e', LOADED, entry], { cwd: root });
  return new Set(JSON.parse(stdout) as string[]);
}

/** What only some need: HTTP, configuration files, checks of what is given, the command line. */
const FOR_SOME = ['undici', 'yaml', 'zod', 'commander', 'smol-toml'];

describe('what an entry loads', () => {
  test('the plugin loads nothing beside the plugin package that the worker does not load', async () => {
    const [worker, ours] = [await loadedBy('@temporalio/worker'), await loadedBy('temporal-recovery')];
    assert.deepEqual(
      [...ours].filter((name) => !worker.has(name)),
      ['@temporalio/plugin'],
    );
  });

  for (const entry of ['workflow', 'activity', 'client', 'apilinker']) {
    test(`${entry}: no package that only some need, and no worker`, async () => {
      const loaded = await loadedBy(`temporal-recovery/${entry}`);
      assert.deepEqual(
        [...FOR_SOME, '@temporalio/worker'].filter((name) => loaded.has(name)),
        [],
      );
      assert.ok(loaded.has('@temporalio/common'));
    });
  }

  test('without the option chaos nothing of it', async () => {
    const code = `
      const { RecoveryPlugin } = require('temporal-recovery');
      const loaded = () => Object.keys(require.cache).filter((path) => /[\\\\/]worker[\\\\/]chaos[\\\\/]/.test(path)).length;
      new RecoveryPlugin().configureWorker({ taskQueue: 'orders' });
      const without = loaded();
      new RecoveryPlugin({ chaos: { rate: 0.1 } }).configureWorker({ taskQueue: 'orders' });
      console.log(JSON.stringify([without, loaded() > 0]));`;
    const { stdout } = await exec(process.execPath, ['-e', code], { cwd: root });
    assert.deepEqual(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), [0, true]);
  });

  test('http: the HTTP client, and no client of Temporal', async () => {
    const loaded = await loadedBy('temporal-recovery/http');
    assert.ok(loaded.has('undici'));
    assert.ok(!loaded.has('@temporalio/client') && !loaded.has('@grpc/grpc-js'));
  });
});

describe('package.json', () => {
  test('every package that shipped code imports is declared, and every declared one is imported', async () => {
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).sort();
    assert.deepEqual([...(await importedByShippedCode(manifest.files))].sort(), declared);
  });

  test('its version is the one that workflow bundles carry', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    assert.equal(WORKFLOW_CODE, `temporal-recovery workflow code ${version}`);
    assert.equal(VERSION, version, 'the version that pages name');
  });

  test('runs no script where it is installed', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    assert.deepEqual(
      Object.keys(scripts).filter((name) => ['preinstall', 'install', 'postinstall'].includes(name)),
      [],
    );
  });
});

async function importedByShippedCode(files: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const folder of files.filter((name) => name.startsWith('dist/'))) {
    for (const name of await readdir(join(root, folder), { recursive: true })) {
      if (!/\.(js|d\.ts)$/.test(name) || name.endsWith('.bundle.js')) continue;
      const code = (await readFile(join(root, folder, name), 'utf8')).replace(/^\s*(\*|\/\/|\/\*).*$/gm, '');
      for (const [, from] of code.matchAll(
        /(?:\bfrom |\bimport\(|\bimport |\brequire\(|\.resolve\()['"]([^'".][^'"]*)['"]/g,
      )) {
        const [scope = '', rest] = (from ?? '').split('/');
        if (!scope.startsWith('node:') && !builtinModules.includes(scope))
          found.add(scope.startsWith('@') ? `${scope}/${rest}` : scope);
      }
    }
  }
  return found;
}
