import type { BreakerStatus } from '../../../common/circuit-breaker/index.js';
import type { Output } from '../../output/output.js';

const COLOURS = {
  CLOSED: 'green',
  THROTTLED: 'yellow',
  OPEN: 'red',
  HALF_OPEN: 'yellow',
  FORCED_OPEN: 'red',
  DISABLED: 'dim',
  METRICS_ONLY: 'cyan',
} as const;

export function stateStyle(output: Output, state: BreakerStatus, text: string = state): string {
  return output.style(COLOURS[state], text);
}
