// SCREENSHOT=docs/grafana draws the picture of the dashboard again.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RecoveryClient } from 'temporal-recovery/client';
import { fullName, METRICS, type MetricName } from '../../common/telemetry/metrics.js';
import { freePort } from '../support/free-port.js';
import { eventually, useHarness } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';
import { drawDashboard, type Line, type Panel } from './dashboard-picture.js';
import { hasPrometheus, Prometheus } from './prometheus.js';

const ROOT = join(__dirname, '../../..');

const NAMES = Object.keys(METRICS) as MetricName[];
/** Added by the runtime and by workflows. */
const OF_TEMPORAL = ['service_name', 'task_queue', 'namespace', 'workflow_type', 'taskQueue', 'workflowType'];
/** Of another mode, and of a fault that a healthy server does not have. */
const NOT_HERE: MetricName[] = ['would_dead_letter', 'letters_lost', 'injected_failures'];

/** A picture has more to show: `increase` does not see the first event of a counter. */
const NIGHTS = process.env.SCREENSHOT ? 3 : 1;

interface Sample {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

function parse(text: string): Sample[] {
  return [...text.matchAll(/^(temporal_recovery_\w+)\{(.*)\} (\S+)$/gm)].map(
    ([, name = '', list = '', value]) => ({
      name,
      labels: Object.fromEntries(
        [...list.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]),
      ),
      value: Number(value),
    }),
  );
}

describe('the metrics that Prometheus scrapes', () => {
  const get = useHarness('scrape');
  let child: ChildProcess | undefined;
  let port = 0;
  let prometheus: Prometheus | undefined;
  after(async () => {
    child?.kill('SIGKILL');
    await prometheus?.stop();
  });

  test('a worker serves each metric of the table, with its labels and no others', async () => {
    const h = get();
    port = await freePort();
    const args = [String(port), h.taskQueue, h.recoveryTaskQueue, h.queue];
    child = spawn(process.execPath, [require.resolve('./scraped-worker.js'), ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (hasPrometheus)
      prometheus = await Prometheus.start(await freePort(), port, join(ROOT, 'docs/prometheus/alerts.yml'));
    const samples = async () => parse(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    const until = (name: MetricName, labels: Record<string, string> = {}, value = 1) =>
      eventually(async () =>
        (await samples()).some(
          (sample) =>
            sample.name === fullName(name) &&
            sample.value >= value &&
            Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
        ),
      );
    const start = (activity: string, id: string) =>
      h.client.workflow.start<typeof callOne>('callOne', {
        workflowId: h.id(id),
        taskQueue: h.taskQueue,
        args: [activity, []],
      });
    const call = async (activity: string, id: string) => (await start(activity, id)).result();
    const recovery = new RecoveryClient({ client: h.client, taskQueue: h.recoveryTaskQueue });

    const night = async (round: number) => {
      await call('fail', `fail-${round}`);
      const first = await call('reject', `first-${round}`);
      await call('reject', `second-${round}`);
      await call('optional', `skipped-${round}`);
      await call('unnamed', `fault-${round}`);
      assert.equal((await recovery.deadLetters.get(first.deadLetterId ?? '').replay()).outcome, 'FAILED');
      await until('open_letters', { queue: h.queue }, 2);
      await until('oldest_letter_seconds', { queue: h.queue });
      await until('queue_letters', { queue: h.queue }, 2);
      await until('breaker_floods', { breaker: `reject-${h.taskQueue}`, state: 'alarm' });

      const outage = await Promise.all(['a', 'b', 'c', 'd'].map((id) => start('service', `${id}-${round}`)));
      const breaker = `service-${h.taskQueue}`;
      await until('breaker_state', { breaker, state: 'OPEN' });
      await until('attempts_rejected', { activityType: 'service' });

      await call('mend', `mend-${round}`);
      await Promise.all(outage.map((handle) => handle.result()));
      await until('breaker_trials', { breaker, outcome: 'success' });
      await until('breaker_state', { breaker, state: 'CLOSED' });
      await until('alerts_delivered', { kind: 'breaker' });
      await call('limited', `limited-${round}`);
      const redrive = await recovery.redrives.start({ filter: { queue: h.queue } });
      assert.equal((await redrive.result()).status, 'COMPLETED');
      await until('redrives_ended', { action: 'replay', status: 'COMPLETED' });
      await until('dead_letters_closed', { status: 'REPLAYED' }, 2 * round);
      await eventually(async () =>
        (await samples()).some(
          ({ name, labels, value }) =>
            name === fullName('open_letters') && labels.queue === h.queue && value === 0,
        ),
      );
    };
    for (let round = 1; round <= NIGHTS; round++) await night(round);

    const seen = await samples();
    for (const name of NAMES.filter((each) => !NOT_HERE.includes(each))) {
      const ofName = seen.filter((sample) => sample.name === fullName(name));
      assert.ok(ofName.length > 0, `${fullName(name)} is missing`);
      for (const { labels } of ofName) {
        const own = Object.keys(labels).filter((label) =>
          (METRICS[name].labels as readonly string[]).includes(label),
        );
        assert.deepEqual(own.sort(), [...METRICS[name].labels].sort(), fullName(name));
        const others = Object.keys(labels).filter(
          (label) => !own.includes(label) && !OF_TEMPORAL.includes(label),
        );
        assert.deepEqual(others, [], `${fullName(name)} has labels that the table has not`);
      }
    }
    const known = NAMES.map(fullName);
    assert.deepEqual(
      [...new Set(seen.map(({ name }) => name))].filter((name) => !known.includes(name)),
      [],
    );
    const open = seen.filter(
      ({ name, labels }) => name === fullName('breaker_state') && labels.state === 'OPEN',
    );
    assert.deepEqual(
      open.map(({ value }) => value),
      open.map(() => 0),
    );
    // Ids are no labels: each would be a series of its own.
    assert.ok(
      !seen.some(({ labels }) => Object.values(labels).some((value) => value.startsWith('dead-letter/'))),
    );
  });

  test('a real Prometheus scrapes it: each panel of the dashboard has a line, and each alert rule is understood', {
    skip: hasPrometheus ? false : 'prometheus is not installed',
  }, async () => {
    const server = prometheus;
    assert.ok(server !== undefined);
    const { panels } = JSON.parse(
      await readFile(join(ROOT, 'docs/grafana/temporal-recovery.json'), 'utf8'),
    ) as { panels: readonly Panel[] };
    const lines: Line[][] = [];
    for (const { title, targets } of panels) {
      lines.push(
        await eventually(async () => {
          const found = (await Promise.all(targets.map(linesOf(server)))).flat();
          return found.length > 0 && found;
        }).catch((error) => assert.fail(`the panel "${title}" shows nothing: ${error}`)),
      );
    }
    if (process.env.SCREENSHOT) {
      const picture = drawDashboard(panels, lines)
        .replaceAll(`-${get().taskQueue}`, '')
        .replaceAll(get().queue, 'orders');
      await writeFile(join(process.env.SCREENSHOT, 'temporal-recovery.svg'), picture);
    }
    const rules = await eventually(async () => {
      const found = await server.rules();
      return found.length > 0 && found.every(({ health }) => health !== 'unknown') && found;
    });
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => `${name}: ${lastError}`),
      [],
    );
    assert.ok(rules.length >= 12, `${rules.length} rules`);
  });

  test('SIGTERM ends it', async () => {
    assert.ok(child !== undefined);
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
});

/** What Grafana would draw for a query, with its legend. */
const linesOf =
  (prometheus: Prometheus) =>
  async ({ expr, legendFormat }: Panel['targets'][number]): Promise<Line[]> =>
    (await prometheus.range(expr.replaceAll('$__rate_interval', '1m'))).map(({ metric, values }) => ({
      legend: legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? ''),
      points: values,
    }));
