import type { Redactor } from '../errors/index.js';
import { beginning } from '../text/text.js';
import { hidePaths } from './hidden-paths.js';

const MAX_PAGE = 4_000;
const MAX_STORY = 300;

/** Arguments without secrets, and without what the paths name. */
export function shownArguments(
  args: readonly unknown[],
  paths: readonly string[] = [],
  redactor: Redactor,
): unknown[] {
  // Paths first: they speak of the arguments as they are.
  return hidePaths(args, paths).map((arg) => redactor.json(arg));
}

/** Arguments on the page of their letter. */
export function pagePreview(shown: readonly unknown[]): string {
  const text = JSON.stringify(shown, null, 2);
  return text.length > MAX_PAGE ? `${beginning(text, MAX_PAGE)}\n… cut` : text;
}

/** Arguments in an answer: as they are, and as text that is cut where they are long. */
export function answerPreview(shown: readonly unknown[]): unknown {
  const text = JSON.stringify(shown);
  return text.length > MAX_PAGE ? `${beginning(text, MAX_PAGE)} … cut` : shown;
}

/** The beginning of arguments, in the story. */
export function storyPreview(shown: readonly unknown[]): string {
  const text = JSON.stringify(shown);
  return text.length > MAX_STORY ? `${beginning(text, MAX_STORY)}…` : text;
}
