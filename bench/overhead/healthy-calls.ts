import { alternate, ratios } from '../support/alternate.js';
import type { Benchmark } from '../support/benchmark.js';
import { scene } from '../support/calls/scene.js';
import { drain } from '../support/calls/workflows.js';
import { median } from '../support/statistics.js';
import { table } from '../support/table.js';

const CALLS = 2_000;
const AT_ONCE = 20;
const ROUNDS = 9;

export const healthyCalls: Benchmark = {
  title: 'Healthy calls',
  about: `${CALLS.toLocaleString('en')} calls that succeed, ${AT_ONCE} at the same time, on a worker with the plugin's default settings and on one
without it, ${ROUNDS} rounds in turn. The processor time is that of the process, with both workers in it: one of them only polls.`,
  async run(bench) {
    const scenes = {
      without: await scene(bench, 1, undefined, 'overhead-without'),
      'with the plugin': await scene(bench, 1, {}, 'overhead-with'),
    };
    const cpu: Record<string, number[]> = {};
    const events: Record<string, number> = {};
    let runs = 0;
    const variants = Object.fromEntries(
      Object.entries(scenes).map(([name, { taskQueue }]) => [
        name,
        async () => {
          const workflowId = `${taskQueue}-${runs++}`;
          const before = process.cpuUsage();
          const begun = performance.now();
          await bench.client.workflow.execute(drain, { taskQueue, workflowId, args: [CALLS, AT_ONCE] });
          const tookMs = performance.now() - begun;
          const { user, system } = process.cpuUsage(before);
          cpu[name] = [...(cpu[name] ?? []), user + system];
          events[name] = await activityEvents(bench, workflowId);
          return tookMs;
        },
      ]),
    );
    // Caches, connections, compiled code.
    await alternate(1, variants);
    for (const name of Object.keys(cpu)) cpu[name] = [];
    const costs = await alternate(ROUNDS, variants);
    await Promise.all(Object.values(scenes).map(({ stop }) => stop()));
    const times = ratios(costs);
    const cpuTimes = ratios(cpu);
    return table(
      [
        '',
        'times without',
        'calls a second',
        'processor time, times without',
        'µs a call',
        'events of calls',
      ],
      Object.entries(costs).map(([name, values]) => [
        ...[name, times[name] ?? '', (CALLS / (median(values) / 1_000)).toFixed(0)],
        ...[cpuTimes[name] ?? '', (median(cpu[name] ?? []) / CALLS).toFixed(0), events[name] ?? 0],
      ]),
    );
  },
};

/** How many workflow tasks there are is a matter of time; a call has three events. */
async function activityEvents({ client }: Parameters<Benchmark['run']>[0], workflowId: string) {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const ofTasks = (event: NonNullable<typeof events>[number]) =>
    event.workflowTaskScheduledEventAttributes ??
    event.workflowTaskStartedEventAttributes ??
    event.workflowTaskCompletedEventAttributes;
  return (events ?? []).filter((event) => !ofTasks(event)).length;
}
