// What the page of a circuit breaker says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeReason, seconds } from '../../common/circuit-breaker/describe.js';
import { DEFAULT_BREAKER_CONFIG } from '../../common/circuit-breaker/index.js';
import { breakerDetails } from '../../common/circuit-breaker/markdown.js';
import type { BreakerSnapshot } from '../../common/circuit-breaker/messages.js';
import type { TransitionReason } from '../../common/circuit-breaker/state.js';
import { VERSION } from '../../common/version.js';

describe('why it is in its state', () => {
  const cases: [TransitionReason, string][] = [
    [{ cause: 'consecutive-failures', failures: 5 }, '5 executions failed in a row'],
    [{ cause: 'failure-rate', failures: 6, calls: 10, rate: 0.6 }, '6 of 10 calls failed (60 %)'],
    [{ cause: 'failure-rate', failures: 6, calls: 10 }, '6 of 10 calls failed'],
    [{ cause: 'slow-call-rate', slowCalls: 1, calls: 3, rate: 1 / 3 }, '1 of 3 calls were slow (33 %)'],
    [
      { cause: 'exhausted' },
      'an execution used up its attempts, and nothing had succeeded since its first failure',
    ],
    [{ cause: 'reported' }, 'several workers reported failures'],
    [{ cause: 'reported', failures: 7 }, 'several workers reported failures (7)'],
    [{ cause: 'open-time-over' }, 'the open time is over'],
    [{ cause: 'trial-failed' }, 'a trial call failed'],
    [{ cause: 'trials-succeeded', successes: 1 }, 'a trial call succeeded'],
    [{ cause: 'trials-succeeded', successes: 3 }, '3 trial calls succeeded'],
    [
      { cause: 'trials-succeeded', successes: 1, stillRunning: true },
      'a trial call has been running for longer than the failed calls took',
    ],
    [{ cause: 'half-open-time-over' }, 'the trials gave no result in time'],
    [{ cause: 'forced' }, 'forced by hand'],
    [{ cause: 'override-expired' }, 'the forced state has expired'],
    [{ cause: 'reset' }, 'reset by hand'],
    [
      { cause: 'reset', by: 'ada', why: 'it is\nmended', retryAfter: 30_000 },
      'reset by hand · the service asked to wait 30 s · by ada · reason: it is mended',
    ],
    [
      { cause: 'trial-failed', sample: { category: 'SERVER', statusCode: 503, message: 'down' } },
      'a trial call failed · last error: SERVER 503 down',
    ],
    [{ cause: 'trial-failed', sample: { message: 'down' } }, 'a trial call failed · last error: down'],
  ];
  for (const [reason, text] of cases) test(text, () => assert.equal(describeReason(reason), text));

  test('seconds, and minutes from two on', () => {
    assert.deepEqual([0, 49, 50, 1_250, 119_999, 120_000, 150_000, 3_600_000].map(seconds), [
      ...['0 s', '0 s', '0.1 s', '1.3 s', '120 s', '2 min', '2.5 min', '60 min'],
    ]);
  });
});

describe('the page', () => {
  const config = DEFAULT_BREAKER_CONFIG;
  const snapshot: BreakerSnapshot = {
    ...{ name: 'prices', status: 'CLOSED', epoch: 1, since: '2026-01-01T00:00:00.000Z' },
    ...{ failuresInARow: 0, workers: 0, config: DEFAULT_BREAKER_CONFIG, transitions: [] },
  } as BreakerSnapshot;
  const whole = (changes: Partial<BreakerSnapshot>) =>
    breakerDetails(
      { ...snapshot, ...changes },
      { namespace: 'default', taskQueue: 'recovery', notes: [], searchAttributes: ['RecoveryGroup'] },
    );
  /** Without its last line. */
  const page = (changes: Partial<BreakerSnapshot>) => whole(changes).split('\n\ntemporal-recovery ')[0] ?? '';

  test('names the version that wrote it, and its docs', () => {
    assert.ok(
      whole({}).includes(`temporal-recovery ${VERSION} · what this page means: \`docs/circuit-breaker.md\``),
    );
  });

  test('of a breaker that nothing has happened to', () => {
    assert.equal(
      page({}),
      `### CLOSED: calls pass

- **Since**: 2026-01-01T00:00:00.000Z
- **Opens for**: 60 s

What you can do (button **More Actions → Send a Signal**, encoding \`json/plain\`):

- Reject all calls: signal \`forceOpen\`, input \`{"by": "you", "reason": "maintenance", "expiresIn": "30 minutes"}\`
- Let all calls pass and count them: signal \`forceClosed\`, input \`{"by": "you", "expiresIn": "1 hour"}\`
- Switch it off: signal \`disable\`, input \`{"by": "you", "reason": "…"}\`
- Close it and count from zero, also after one of these, and let calls go on whose quota is used up: signal \`reset\`, input \`{"by": "you"}\`

### See also

- The limit of its calls, if they have one: [limit/prices](/namespaces/default/workflows?query=WorkflowId%3D%22limit%2Fprices%22)
- The errors of all workers: [error-analytics/recovery](/namespaces/default/workflows?query=WorkflowId%3D%22error-analytics%2Frecovery%22)

### Last transitions

- none yet`,
    );
  });

  test('leads to letters, and says which: held ones of all breakers, those of the operation in a default name', () => {
    const linesOf = (name: string, searchAttributes = ['RecoveryOperation', 'RecoveryStatus']) =>
      breakerDetails(
        { ...snapshot, name },
        { namespace: 'default', taskQueue: 'recovery', notes: [], searchAttributes },
      )
        .split('\n')
        .filter((line) => /dead letters/i.test(line));
    const [operation, held, ...others] = linesOf('eu/sync/send "now"');
    assert.deepEqual(others, []);
    assert.equal(
      operation,
      `- Open dead letters of operation \`send "now"\`, of calls on any task queue: [open letters of this operation](/namespaces/default/workflows?query=${encodeURIComponent(
        'WorkflowType="deadLetter" AND RecoveryOperation="send \\"now\\"" AND ExecutionStatus="Running"',
      )})`,
    );
    assert.match(
      held ?? '',
      /^- Dead letters that wait for this or another circuit breaker: \[held letters\]\(/,
    );
    for (const name of ['prices', 'host:api.example', 'ends/', '/begins'])
      assert.equal(linesOf(name).length, 1);
    assert.deepEqual(linesOf('eu/send', ['RecoveryGroup']), []);
  });

  test('what each state means, and what comes next', () => {
    const states = {
      THROTTLED: [
        /^### THROTTLED: the quota of the service is used up: calls wait/,
        /\*\*Goes on at\*\*: then/,
      ],
      OPEN: [/^### OPEN: calls are rejected and wait/, /\*\*Next trial\*\*: then/],
      HALF_OPEN: [
        /^### HALF_OPEN: a few calls pass as trials/,
        /\*\*Opens again without a result at\*\*: then/,
      ],
      FORCED_OPEN: [/^### FORCED_OPEN: opened by hand/, /\*\*Until\*\*: then/],
      DISABLED: [/^### DISABLED: switched off by hand/, /\*\*Until\*\*: then/],
      METRICS_ONLY: [/^### METRICS_ONLY: kept closed by hand/, /\*\*Until\*\*: then/],
    } as const;
    for (const [status, patterns] of Object.entries(states)) {
      const text = page({ status: status as BreakerSnapshot['status'], changesAt: 'then' });
      for (const pattern of patterns) assert.match(text, pattern);
    }
  });

  test('why, failures, workers, and those that differ', () => {
    const text = page({ why: 'a `b`', failuresInARow: 1, workers: 1, conflictAt: 'noon' });
    assert.match(text, /- \*\*Why\*\*: `a 'b'`\n/);
    assert.match(text, /- \*\*Failures in a row\*\*: 1\n/);
    assert.match(text, /- \*\*Workers that reported\*\*: 1\n/);
    assert.match(
      text,
      /- \*\*Workers differ\*\*: workers with different settings .*, last at noon; those configured last/,
    );
  });

  test('an open time that grows', () => {
    const openTime = { initialInterval: 30_000, backoffCoefficient: 2, maximumInterval: 600_000 };
    const text = page({ config: { ...config, openTime: { ...config.openTime, ...openTime } } });
    assert.match(text, /\*\*Opens for\*\*: 30 s, longer each time a trial fails, at most 10 min\n/);
  });

  test('transitions, the last one first', () => {
    const text = page({
      transitions: [
        { from: 'CLOSED', to: 'OPEN', at: 0, epoch: 1, reason: { cause: 'forced', by: 'ada' } },
        { from: 'OPEN', to: 'CLOSED', at: 1_000, epoch: 2, reason: { cause: 'reset' } },
      ],
    });
    assert.ok(
      text.endsWith(
        '### Last transitions\n\n' +
          '- 1970-01-01T00:00:01.000Z — OPEN → **CLOSED** · `reset by hand`\n' +
          '- 1970-01-01T00:00:00.000Z — CLOSED → **OPEN** · `forced by hand · by ada`',
      ),
      text,
    );
  });

  test('quotas, the first twenty', () => {
    const until = '2026-01-01T00:00:00.000Z';
    const throttles = Array.from({ length: 21 }, (_, index) => ({ key: `k${index}`, since: until, until }));
    assert.match(
      page({ throttles: throttles.slice(0, 20) }),
      /### Quotas that are used up\n\n- `quota of "k0" used up/,
    );
    assert.doesNotMatch(page({ throttles: throttles.slice(0, 20) }), /more\n/);
    assert.match(page({ throttles }), /"k19" .*\n- and 1 more\n/);
    assert.doesNotMatch(page({}), /Quotas/);
    const [said] =
      page({ throttles: [{ since: until, until, said: '429', narrowed: true }] }).match(
        /- `quota used up.*/,
      ) ?? [];
    assert.equal(
      said,
      '- `quota used up for some calls, while others succeed, goes on at 2026-01-01T00:00:00.000Z · the service said: 429`',
    );
  });
});
