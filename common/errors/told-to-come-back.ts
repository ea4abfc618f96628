import { linksOf } from './links.js';
import { asksToComeBack } from './quota.js';
import { statusOf } from './sources/http-status.js';

/** Whether a 4xx anywhere in a chain of errors came with a wait. */
export function isToldToComeBack(error: unknown): boolean {
  try {
    return linksOf(error).some((link) => {
      const status = statusOf(link);
      return status !== undefined && status >= 400 && status < 500 && asksToComeBack(link);
    });
  } catch {
    return false;
  }
}
