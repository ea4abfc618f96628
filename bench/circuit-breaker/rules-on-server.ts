import { setTimeout as wait } from 'node:timers/promises';
import { breakerWorkflowId, FLEET_DEFAULTS, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import type { Benchmark } from '../support/benchmark.js';
import type { Bench } from '../support/server.js';
import { median, withSpread } from '../support/statistics.js';
import { table } from '../support/table.js';
import { startWorker } from '../support/worker.js';
import { pollAs, simulatedWorker } from './simulated-worker.js';

const ROUNDS = 3;
const EXECUTIONS = 200;
const HEALTHY_MS = 1_000;
const ARRIVE_MS = 3_000;
const OUTAGE_MS = 6_000;
const CALL_MS = 20;
/** Open times of a minute and of five seconds would make a round take minutes: a tenth, for both rules. */
const OPEN_MS = 6_000;
const FIRST_OPEN_MS = 500;

const RULES = {
  'version 0.4': { config: parseBreakerConfig({ openTime: OPEN_MS }), judgesDependency: false },
  now: {
    config: parseBreakerConfig({
      ...FLEET_DEFAULTS,
      openTime: { initialInterval: FIRST_OPEN_MS, backoffCoefficient: 2, maximumInterval: OPEN_MS },
    }),
    judgesDependency: true,
  },
};

interface Measured {
  readonly calls: number;
  /** Undefined where it never opened. */
  readonly openedAfterMs: number | undefined;
  readonly recoveredAfterMs: number;
}

export const rulesOnServer: Benchmark = {
  title: 'The rules on the server',
  about: `The breaker's entity on the real server and views of 1, 10 and 100 workers, without activities: ${EXECUTIONS} executions arrive over
${ARRIVE_MS / 1000} s, the service fails from second ${HEALTHY_MS / 1000} on for ${OUTAGE_MS / 1000} s, open times are a tenth of the defaults. ${ROUNDS} rounds in turn; median (10th … 90th percentile).`,
  async run(bench) {
    const rows = [];
    for (const failing of [1, 0.5]) {
      for (const workers of [1, 10, 100]) {
        const measured = Object.keys(RULES).map(() => [] as Measured[]);
        for (let round = 0; round < ROUNDS; round++) {
          for (const [at, rule] of Object.values(RULES).entries()) {
            const name = `rule-${failing * 100}-${workers}-${round}-${at}`;
            measured[at]?.push(await measure(bench, { name, rule, workers, failing }));
          }
        }
        for (const [at, rule] of Object.keys(RULES).entries()) {
          const of = measured[at] ?? [];
          const scene = `${failing === 1 ? 'all' : 'half'} fail, ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
          rows.push([`${scene}, ${rule}`, ...shown(of), ratio(of, measured[0] ?? [])]);
        }
      }
    }
    const head = ['calls that reach the failing service', 'seconds until it opened'];
    const more = ['seconds from its end until all is done', 'calls, times version 0.4'];
    return table(['', ...head, ...more], rows);
  },
};

function shown(of: readonly Measured[]): string[] {
  const opened = of.flatMap(({ openedAfterMs }) => openedAfterMs ?? []);
  const seconds = (values: readonly number[]) =>
    withSpread(
      values.map((ms) => ms / 1_000),
      1,
    );
  return [
    withSpread(
      of.map(({ calls }) => calls),
      0,
    ),
    opened.length === 0 ? '–' : seconds(opened),
    seconds(of.map(({ recoveredAfterMs }) => recoveredAfterMs)),
  ];
}

function ratio(of: readonly Measured[], base: readonly Measured[]): string {
  const ratios = of.map(({ calls }, round) => calls / Math.max(1, base[round]?.calls ?? median([])));
  return withSpread(ratios);
}

interface Scene {
  readonly name: string;
  readonly rule: (typeof RULES)[keyof typeof RULES];
  readonly workers: number;
  readonly failing: number;
}

async function measure(bench: Bench, { name, rule, workers, failing }: Scene): Promise<Measured> {
  const { client, id } = bench;
  const breaker = id(name);
  const taskQueue = id(`${name}-tq`);
  const recoveryQueue = id(`${name}-recovery`);
  await startWorker(
    bench,
    { taskQueue: `${taskQueue}-any`, activities: { idle: async () => undefined } },
    { taskQueue: recoveryQueue },
  );
  await pollAs(client, taskQueue, workers);
  const views = Array.from({ length: workers }, () =>
    simulatedWorker(client, recoveryQueue, rule.config, [breaker]),
  );
  const start = performance.now();
  const since = () => performance.now() - start - HEALTHY_MS;
  const isDown = () => since() >= 0 && since() < OUTAGE_MS;
  let calls = 0;
  let openedAfterMs: number | undefined;
  const rest = async (view: (typeof views)[number], ms: number) => {
    const end = performance.now() + ms;
    // A call that waits is woken when the breaker closes.
    while (performance.now() < end) {
      if (rule.judgesDependency && view.breakers.outlook(breaker).openForMs === undefined) return;
      await wait(Math.min(100, Math.max(1, end - performance.now())));
    }
  };
  const attempt = async (
    execution: number,
    number: number,
    rejections: number,
  ): Promise<'done' | 'failed' | 'rejected'> => {
    const view = views[Math.floor(Math.random() * workers)] as (typeof views)[number];
    const isFresh = rule.judgesDependency && number === 1;
    const executionId = rule.judgesDependency ? `${execution}` : `${execution}-${number}`;
    const call = { breaker, taskQueue, executionId, isFresh, rejections, leaseMs: 5_000 };
    const admission = await view.breakers.admit(call);
    if (!admission.admitted) {
      openedAfterMs ??= since();
      await rest(view, admission.retryInMs);
      return 'rejected';
    }
    const down = isDown();
    const fails = down && Math.random() < failing;
    if (down) calls++;
    await wait(CALL_MS);
    const end = fails ? { outcome: 'failure', category: 'SERVER', statusCode: 503 } : { outcome: 'success' };
    // By the old rule every failure of an attempt counted.
    const counted = rule.judgesDependency ? call : { ...call, isFresh: true };
    view.breakers.settle(counted, admission.permit, end as Parameters<typeof view.breakers.settle>[2]);
    return fails ? 'failed' : 'done';
  };
  const execute = async (execution: number) => {
    await wait(Math.random() * ARRIVE_MS);
    for (let number = 1, rejections = 0; ; ) {
      const ended = await attempt(execution, number, rejections);
      if (ended === 'done') return;
      if (ended === 'rejected') rejections++;
      else await wait(100 * 2 ** Math.min(number++ - 1, 7));
    }
  };
  await Promise.all(Array.from({ length: EXECUTIONS }, (_, execution) => execute(execution)));
  const recoveredAfterMs = Math.max(0, since() - OUTAGE_MS);
  await Promise.all(views.map(({ stop }) => stop()));
  await client.workflow
    .getHandle(breakerWorkflowId(breaker))
    .terminate()
    .catch(() => undefined);
  return { calls, openedAfterMs, recoveredAfterMs };
}
