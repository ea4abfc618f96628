import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { fullName, METRICS, type MetricName } from '../../common/telemetry/metrics.js';
import { ROOT } from '../docs/pages.js';
import { titlesOf } from './dashboard-picture.js';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const NAMES = (Object.keys(METRICS) as MetricName[]).map(fullName);
const RULES = 'docs/prometheus/alerts.yml';
const DASHBOARD = 'docs/grafana/temporal-recovery.json';

/** A deprecated name, the rollout, chaos, and what `open_letters` shows for each queue. */
const WITHOUT_PANEL: MetricName[] = [
  'attempts_turned_away',
  'would_dead_letter',
  'queue_letters',
  'injected_failures',
];

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

const queries = (): string[] =>
  (JSON.parse(read(DASHBOARD)) as Dashboard).panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr),
  );

const namesIn = (text: string) => [...new Set(text.match(/temporal_recovery_\w+/g) ?? [])];

/** Labels that a query compares or groups by. */
const labelsIn = (text: string) => [
  ...[...text.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
  ...[...text.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  ),
];

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('what is documented of metrics', () => {
  test('docs/metrics.md has each metric of the code, as the code has it, and no other', () => {
    const rows = [
      ...read('docs/metrics.md').matchAll(
        /^\| `(temporal_recovery_\w+)` \| (\w+) \| `([^`]+)` \| (.*?) \| (.*?) \|/gm,
      ),
    ];
    const documented = rows.map(([, name, kind, unit, labels = '', what]) => ({
      ...{ name, kind, unit, what },
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    }));
    const emitted = Object.entries(METRICS).map(([name, { kind, unit, labels, description }]) => ({
      ...{ name: fullName(name as MetricName), kind, unit, what: description },
      labels: [...labels],
    }));
    assert.deepEqual(documented, emitted);
  });

  test('each metric that a page, a rule or the dashboard names is emitted', () => {
    const files = [
      RULES,
      DASHBOARD,
      'docs/operations.md',
      'docs/metrics.md',
      'docs/options.md',
      'docs/dead-letters.md',
    ];
    for (const file of files) {
      const unknown = namesIn(read(file)).filter(
        (name) => !NAMES.includes(name) && name !== 'temporal_recovery_',
      );
      assert.deepEqual(unknown, [], file);
    }
  });

  test('each label that a query uses is a label of its metrics', () => {
    const expressions = [
      ...queries(),
      ...[...read(RULES).matchAll(/expr: >-\n((?: {10}.*\n)+)/g)].map(([, expr = '']) => expr),
    ];
    assert.ok(expressions.length > 15, `${expressions.length} queries`);
    for (const expression of expressions) {
      const metrics = namesIn(expression).map(
        (name) => METRICS[name.replace('temporal_recovery_', '') as MetricName],
      );
      assert.ok(metrics.length > 0, expression);
      const known = metrics.flatMap(({ labels }) => labels as readonly string[]);
      assert.deepEqual(
        labelsIn(expression).filter((label) => !known.includes(label)),
        [],
        expression,
      );
    }
  });

  test('the picture of the dashboard has each panel of it, in the same order', () => {
    const { panels } = JSON.parse(read(DASHBOARD)) as Dashboard;
    assert.deepEqual(
      titlesOf(read('docs/grafana/temporal-recovery.svg')),
      panels.map(({ title }) => title),
    );
  });

  test('each metric has a panel, but for a few that say why', () => {
    const shown = namesIn(queries().join('\n'));
    const withoutPanel = NAMES.filter((name) => !shown.includes(name));
    assert.deepEqual(withoutPanel, WITHOUT_PANEL.map(fullName));
  });

  test('docs/operations.md has a section for each alert, and each alert links to it', () => {
    const alerts = [...read(RULES).matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    const sections = [...read('docs/operations.md').matchAll(/^## (TemporalRecovery\w+)$/gm)].map(
      ([, name = '']) => name,
    );
    assert.deepEqual(sections, alerts);
    for (const alert of alerts)
      assert.ok(read(RULES).includes(`docs/operations.md#${alert.toLowerCase()}`), alert);
  });

  test('promtool accepts the rules', {
    skip: hasPromtool ? false : 'promtool is not installed',
  }, async () => {
    const { stdout } = await promisify(execFile)('promtool', ['check', 'rules', join(ROOT, RULES)]);
    assert.match(stdout, /SUCCESS/);
  });
});
