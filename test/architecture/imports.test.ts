import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { describe, test } from 'node:test';

const root = join(__dirname, '..', '..', '..');

/** A layer imports from itself and from those named here. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  common: [],
  workflows: ['common'],
  client: ['common'],
  activities: ['client', 'common'],
  worker: ['activities', 'client', 'common'],
  apilinker: ['worker', 'activities', 'client', 'common'],
  http: ['activities', 'common'],
  testing: ['worker', 'activities', 'client', 'common'],
  cli: ['apilinker', 'worker', 'client', 'common'],
};

/** Entry points that still export APILinker's names, which have an entry of their own. */
const OLD_ENTRIES = ['worker/index.ts', 'activities/index.ts', 'client/index.ts'];
const OLD_NAMES_FROM = ['apilinker', 'worker'];

const IMPORT = /^(?:import|export)\b[^;'"]*?\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;

function sources(): string[] {
  return Object.keys(MAY_IMPORT).flatMap((layer) =>
    readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => posix.join(layer, ...name.split(sep))),
  );
}

function importsOf(file: string): string[] {
  return [...readFileSync(join(root, file), 'utf8').matchAll(IMPORT)]
    .map(([, statement, call]) => posix.join(posix.dirname(file), (statement ?? call) as string))
    .map((path) => path.replace(/\.js$/, '.ts'))
    .filter((path) => path.endsWith('.ts'));
}

const layerOf = (file: string) => file.split('/')[0] as string;

describe('imports', () => {
  const imports = new Map(sources().map((file) => [file, importsOf(file)]));

  test('name files that are there', () => {
    const missing = [...imports].flatMap(([file, targets]) =>
      targets.filter((target) => !imports.has(target)).map((target) => `${file} imports ${target}`),
    );
    assert.deepEqual(missing, []);
    assert.ok(imports.size > 300, `${imports.size} files under ${relative(process.cwd(), root)}`);
  });

  test('go down through the layers, never up', () => {
    const upward = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => {
          const [from, to] = [layerOf(file), layerOf(target)];
          if (from === to || MAY_IMPORT[from]?.includes(to)) return false;
          return !(OLD_ENTRIES.includes(file) && OLD_NAMES_FROM.includes(to));
        })
        .map((target) => `${file} imports ${target}`),
    );
    assert.deepEqual(upward, []);
  });

  test('make no circle, of types neither', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
        return;
      }
      if (done.has(file)) return;
      for (const target of imports.get(file) ?? []) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of imports.keys()) walk(file, []);
    assert.deepEqual(circles, []);
  });
});
