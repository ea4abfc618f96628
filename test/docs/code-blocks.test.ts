import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, readPages } from './pages.js';

/** Inside the package: a block imports `temporal-recovery/…` through the package's own `exports`, as users do. */
const FOLDER = join(ROOT, 'dist', 'test', 'docs', 'code-blocks');
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** One module for each block. It stands at the line it has in its page, so that tsc reports lines of the page. */
async function extractBlocks(): Promise<string[]> {
  const names: string[] = [];
  for (const { path, text } of await readPages()) {
    for (const { 0: block, 1: code = '', index } of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
      const line = text.slice(0, index).split('\n').length;
      const name = `${path.replaceAll('/', '+')}+${line}.mts`;
      assert.ok(block.length > 0);
      await writeFile(join(FOLDER, name), `${'\n'.repeat(line)}${code}\nexport {};\n`);
      names.push(name);
    }
  }
  return names;
}

async function compile(names: readonly string[]): Promise<string> {
  const config = {
    compilerOptions: {
      target: 'es2022',
      lib: ['es2023'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules', '@types')],
    },
    files: [join(ROOT, 'test', 'docs', 'prelude', 'names.mts'), ...names],
  };
  await writeFile(join(FOLDER, 'tsconfig.json'), JSON.stringify(config));
  try {
    await promisify(execFile)(process.execPath, [TSC, '-p', FOLDER, '--pretty', 'false']);
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout || String(error);
  }
}

describe('code blocks of the documentation', () => {
  test('each ts block compiles against the types of the package', { timeout: 120_000 }, async () => {
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    const names = await extractBlocks();
    assert.ok(names.length > 10, `only ${names.length} blocks were found`);
    assert.equal(await compile(names), '');
  });

  test('a block with a mistake does not compile', { timeout: 120_000 }, async () => {
    await mkdir(FOLDER, { recursive: true });
    const mistake = "new RecoveryPlugin({ mode: 'obsolete' });\nexport {};\n";
    await writeFile(join(FOLDER, 'mistake.mts'), mistake);
    assert.match(await compile(['mistake.mts']), /mistake\.mts\(1,\d+\): error TS2322.*obsolete/);
  });
});
