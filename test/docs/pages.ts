import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..', '..');

/** A page of the documentation. */
export interface Page {
  /** Path from the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** The pages at the root of the project and all of docs/, without the generated reports in docs/api/. */
export async function readPages(): Promise<Page[]> {
  const atRoot = (await readdir(ROOT)).filter((name) => name.endsWith('.md'));
  const inDocs = (await readdir(join(ROOT, 'docs'), { recursive: true }))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !path.startsWith('docs/api/'));
  const paths = [...atRoot.sort(), ...inDocs.sort()];
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

/** A text without its code blocks; each line keeps its number. */
export function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, ''));
}
