import { code, page } from '../text/markdown.js';
import { describeReason, seconds } from './describe.js';
import type { BreakerSnapshot } from './messages.js';
import type { Transition } from './state.js';
import { CircuitBreakerState } from './state-name.js';

const MEANING: Record<CircuitBreakerState, string> = {
  CLOSED: 'calls pass',
  OPEN: 'calls are rejected and wait',
  HALF_OPEN: 'a few calls pass as trials, the others wait',
  FORCED_OPEN: 'opened by hand: all calls are rejected and wait',
  DISABLED: 'switched off by hand: calls pass and are not counted',
  METRICS_ONLY: 'kept closed by hand: calls pass and are counted',
};

/** The page of a breaker: its state, why, since when, what comes next, what can be done, what has been. */
export function breakerDetails(breaker: BreakerSnapshot): string {
  const { status, since, changesAt, why, failuresInARow, workers, conflictAt, config } = breaker;
  const rows: [string, string | undefined][] = [
    ['Since', since],
    ['Why', why && code(why, 1_000)],
    [nextLabel(status), changesAt],
    ['Failures in a row', failuresInARow > 0 ? `${failuresInARow}` : undefined],
    ['Workers that reported', workers > 0 ? `${workers}` : undefined],
    [
      'Opens for',
      `${seconds(config.openTime.initialInterval)}${config.openTime.backoffCoefficient > 1 ? `, longer each time a trial fails, at most ${seconds(config.openTime.maximumInterval)}` : ''}`,
    ],
    [
      '**Workers differ**',
      conflictAt &&
        `workers with different settings for this breaker reported, last at ${conflictAt}; those configured last are used`,
    ],
  ];
  return page([
    `### ${status}: ${MEANING[status]}`,
    '',
    ...rows.flatMap(([name, value]) => (value ? [`- **${name}**: ${value}`] : [])),
    '',
    'What you can do (button **More Actions → Send a Signal**, encoding `json/plain`):',
    '',
    '- Reject all calls: signal `forceOpen`, input `{"by": "you", "reason": "maintenance", "expiresIn": "30 minutes"}`',
    '- Let all calls pass and count them: signal `forceClosed`, input `{"by": "you", "expiresIn": "1 hour"}`',
    '- Switch it off: signal `disable`, input `{"by": "you", "reason": "…"}`',
    '- Close it and count from zero, also after one of these: signal `reset`, input `{"by": "you"}`',
    '',
    '### Last transitions',
    '',
    ...(breaker.transitions.length === 0 ? ['- none yet'] : breaker.transitions.map(line).reverse()),
  ]);
}

function nextLabel(status: CircuitBreakerState): string {
  if (status === CircuitBreakerState.OPEN) return 'Next trial';
  return status === CircuitBreakerState.HALF_OPEN ? 'Opens again without a result at' : 'Until';
}

function line({ at, from, to, reason }: Transition): string {
  return `- ${new Date(at).toISOString()} — ${from} → **${to}** · ${code(describeReason(reason), 400)}`;
}
