import type { backlog } from '../../examples/flaky-service/workflows.js';
import type { Benchmark } from '../support/benchmark.js';
import { busiestSecond, startStage } from '../support/fleet.js';
import { median, withSpread } from '../support/statistics.js';
import { table } from '../support/table.js';

const ROUNDS = 3;
const OPEN_MS = 10_000;
const CALLS = 1_000;

export const waking: Benchmark = {
  title: 'Waking',
  about: `One worker process, ${CALLS} activities that a person's \`forceOpen\` keeps waiting, then \`reset\`: of one workflow, and of
${CALLS / 10} workflows with ten each. Seconds from the order until calls reach the service, ${ROUNDS} rounds: median (10th … 90th percentile).`,
  async run(bench) {
    const { client, id } = bench;
    const stage = await startStage(bench, 'waking', 1, OPEN_MS);
    const { breaker, calls, taskQueue, until } = stage;
    const round = async (workflows: number) => {
      const start = (name: string, activities: number) =>
        client.workflow.start<typeof backlog>('backlog', {
          ...{ workflowId: id(`waking-${name}-${Math.random()}`), taskQueue, args: [activities] },
        });
      await breaker.forceOpen({ by: 'bench', expiresIn: '10 minutes' });
      await until(({ status }) => status === 'FORCED_OPEN');
      // The worker knows when it rejects.
      for (calls.length = 0; ; calls.length = 0) {
        const handle = await start('first', 1);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        if (calls.length === 0) break;
        await handle.result();
      }
      const handles = await Promise.all(
        Array.from({ length: workflows }, (_, n) => start(`${n}`, CALLS / workflows)),
      );
      const allWait = async () => {
        for (const handle of handles) {
          const { raw } = await handle.describe();
          // Of a slow start some may have been called already: the others wait.
          const pending = raw.pendingActivities ?? [];
          if (pending.length === 0 || pending.some(({ lastFailure }) => lastFailure == null)) return false;
        }
        return true;
      };
      while (!(await allWait())) await new Promise((resolve) => setTimeout(resolve, 500));
      // Longer than the server's own wait after a rejection.
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      calls.length = 0;
      const resetAt = Date.now();
      await breaker.reset({ by: 'bench' });
      await Promise.all(handles.map((handle) => handle.result()));
      const seconds = calls.map(({ at }) => (at - resetAt) / 1_000);
      return { half: median(seconds), all: Math.max(...seconds), busiest: busiestSecond(calls) };
    };
    const rows: (string | number)[][] = [];
    for (const workflows of [1, CALLS / 10]) {
      const rounds = [];
      for (let n = 0; n < ROUNDS; n++) rounds.push(await round(workflows));
      rows.push([
        ...[workflows, withSpread(rounds.map(({ half }) => half)), withSpread(rounds.map(({ all }) => all))],
        withSpread(
          rounds.map(({ busiest }) => busiest),
          0,
        ),
      ]);
    }
    await stage.stop();
    return table(['workflows', 'half of them', 'all of them', 'calls in the busiest second'], rows);
  },
};
