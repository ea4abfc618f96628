import type { GroupStatus } from '../../../../common/dead-letter-group/state.js';
import type { Output } from '../../../output/output.js';

const COLOURS = { OPEN: 'yellow', MUTED: 'dim', RESOLVED: 'green', REGRESSED: 'red' } as const;

export function groupStyle(output: Output, status: GroupStatus, text: string = status): string {
  return output.style(COLOURS[status], text);
}
