import { ErrorCategory } from './category.js';
import { findKnown } from './known.js';
import { linksOf } from './links.js';
import { statusInMessage, statusOf } from './sources/http-status.js';
import { verdictOf, verdictOfChain } from './verdict.js';

/** What `classifyError` found. */
export interface Classification {
  /** UNKNOWN where no rule recognises the error. */
  readonly category: ErrorCategory;
  /** HTTP status, also one below 300 when the answer's content was what failed. */
  readonly statusCode?: number;
}

/** Category and HTTP status of anything that was thrown, recognised by shape. Never throws. */
export function classifyError(error: unknown): Classification {
  try {
    return classifyLinks(linksOf(error));
  } catch {
    return { category: ErrorCategory.UNKNOWN };
  }
}

/** What has been classified already is not classified again, unless an error around it says something else. */
export function classifyLinks(links: readonly unknown[]): Classification {
  const known = findKnown(links);
  const around = known === undefined ? undefined : links.slice(0, known.index).map(verdictOf);
  const outer = around?.find((verdict) => verdict !== undefined && verdict.weak !== true);
  const category =
    outer?.category ?? known?.json.errorCategory ?? verdictOfChain(links)?.category ?? ErrorCategory.UNKNOWN;
  const statusCode = known?.json.statusCode ?? first(links, statusOf) ?? first(links, statusInMessage);
  return statusCode === undefined ? { category } : { category, statusCode };
}

function first<T>(links: readonly unknown[], read: (link: unknown) => T | undefined): T | undefined {
  for (const link of links) {
    const value = read(link);
    if (value !== undefined) return value;
  }
  return undefined;
}
