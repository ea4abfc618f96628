import { type ErrorCategory, meantStatus } from '../errors/index.js';
import type { BreakerConfig, CountedCategory } from './config.js';

/** What the end of a call says about the health of what was called; `ignored` says nothing. */
export type Outcome = 'success' | 'failure' | 'ignored';

/**
 * Whether a failure of this category and status counts. The status may be a number or its digits. AUTH with status 400
 * (an OAuth grant that has ended) counts as `AUTH:401` does.
 */
export function outcomeOf(
  category: ErrorCategory,
  statusCode: number | string | undefined,
  config: Pick<BreakerConfig, 'countedCategories'>,
): 'failure' | 'ignored' {
  const { countedCategories } = config;
  const counts =
    countedCategories.includes(category) ||
    [Number(statusCode), meantStatus(category, statusCode)].some((status) =>
      countedCategories.includes(`${category}:${status}` as CountedCategory),
    );
  return counts ? 'failure' : 'ignored';
}
