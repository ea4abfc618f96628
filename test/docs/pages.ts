import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..', '..');

/** A page of the documentation. */
export interface Page {
  /** Path from the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** The README and all pages of docs/, folders in it included. */
export async function readPages(): Promise<Page[]> {
  const inDocs = (await readdir(join(ROOT, 'docs'), { recursive: true })).filter((name) =>
    name.endsWith('.md'),
  );
  const paths = ['README.md', ...inDocs.sort().map((name) => `docs/${name.replaceAll('\\', '/')}`)];
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

/** A text without its code blocks; each line keeps its number. */
export function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, ''));
}
