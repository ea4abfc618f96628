import {
  ErrorAnalyticsBase,
  type ErrorAnalyticsOptions,
} from '../../common/error-analytics/error-analytics.js';

/** Counts errors by category, with rates over the last minutes. */
export class ErrorAnalytics extends ErrorAnalyticsBase {
  /** @throws RangeError for a `maxErrors` that is no whole number from 1 */
  constructor({ clock = Date.now, ...options }: Partial<ErrorAnalyticsOptions> = {}) {
    super({ clock, ...options });
  }
}
