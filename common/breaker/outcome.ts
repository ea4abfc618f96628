import type { ErrorCategory } from '../errors/index.js';
import type { BreakerConfig } from './config.js';

/** What the end of a call says about the health of what was called; `ignored` says nothing. */
export type Outcome = 'success' | 'failure' | 'ignored';

/** Whether a failure of this category and status counts. The status may be a number or its digits. */
export function outcomeOf(
  category: ErrorCategory,
  statusCode: number | string | undefined,
  config: Pick<BreakerConfig, 'countedCategories'>,
): 'failure' | 'ignored' {
  const { countedCategories } = config;
  const counts =
    countedCategories.includes(category) ||
    (statusCode !== undefined && countedCategories.includes(`${category}:${Number(statusCode)}`));
  return counts ? 'failure' : 'ignored';
}
