import type { OutcomeCounts, RedriveProgress } from '../../../../common/redrive/types.js';
import { oneLine } from '../../../../common/text/text.js';
import { longDuration } from '../../../output/time.js';
import { cutToWidth } from '../../../output/width.js';

const BAR_WIDTH = 24;

/** `RUNNING · ████░░ 12/40 · 10 replayed, 2 failed · 9.8/s · 3s left`, no wider than the terminal. */
export function progressLine(progress: RedriveProgress, width?: number): string {
  const { status, total, done, running, actualRate, timeLeftMs, why } = progress;
  const filled = total === 0 ? 0 : Math.round((Math.min(done, total) / total) * BAR_WIDTH);
  const parts = [
    status,
    `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${done}/${total}`,
    countsText(progress),
    running > 0 && `${running} in flight`,
    actualRate > 0 && `${Math.round(actualRate * 10) / 10}/s`,
    timeLeftMs !== undefined && timeLeftMs > 0 && `${longDuration(timeLeftMs)} left`,
    why,
  ];
  const text = oneLine(parts.filter(Boolean).join(' · '));
  // A line that fills the last column would wrap, and could not be written again.
  return width === undefined ? text : cutToWidth(text, width - 1);
}

export function countsText(counts: OutcomeCounts): string {
  const { replayed, resolved, discarded, failed, skipped, held } = counts;
  return Object.entries({ replayed, resolved, discarded, failed, skipped, held })
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
