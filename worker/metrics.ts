import type { MetricCounter, MetricGauge, MetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';
import {
  type CounterName,
  fullName,
  type GaugeName,
  type LabelsOf,
  METRICS,
  type MetricName,
} from '../common/telemetry/metrics.js';

/** What a label says of values beyond the first ones. */
export const OTHERS = '(other)';
/** A metric keeps each value of a label for ever, and names of activities, operations and queues may be any number. */
const MAX_VALUES = 200;

/** Adds to a counter. */
export function count<N extends CounterName>(name: N, labels: LabelsOf<N>, by = 1): void {
  const { counter, bounded } = metrics();
  counter(name).add(by, bounded(labels));
}

/** Sets a gauge; not for values of labels beyond the first ones, which would be one gauge together. */
export function gauge<N extends GaugeName>(name: N, value: number, labels: LabelsOf<N>): void {
  const made = metrics();
  const shown = made.bounded(labels);
  if (!Object.values(shown).includes(OTHERS)) made.gauge(name).set(value, shown);
}

type Metrics = ReturnType<typeof makeMetrics>;

/** Metrics are made once for each runtime: to make one calls native code. After its shutdown a runtime has another meter. */
const madeBy = new WeakMap<MetricMeter, Metrics>();

function metrics(): Metrics {
  const { metricMeter } = Runtime.instance();
  const made = madeBy.get(metricMeter) ?? makeMetrics(metricMeter);
  madeBy.set(metricMeter, made);
  return made;
}

function makeMetrics(meter: MetricMeter) {
  const counters = new Map<string, MetricCounter>();
  const gauges = new Map<string, MetricGauge>();
  const once = <M>(
    made: Map<string, M>,
    make: (name: string, unit: string, description: string) => M,
  ): ((name: MetricName) => M) => {
    return (name) => {
      const { unit, description } = METRICS[name];
      const metric = made.get(name) ?? make(fullName(name), unit, description);
      made.set(name, metric);
      return metric;
    };
  };
  const values = new Map<string, Set<string>>();
  const bounded = (labels: Readonly<Record<string, string>>): Record<string, string> => {
    const shown: Record<string, string> = {};
    for (const [label, value] of Object.entries(labels)) {
      const known = values.get(label) ?? new Set();
      values.set(label, known);
      if (known.size < MAX_VALUES) known.add(value);
      shown[label] = known.has(value) ? value : OTHERS;
    }
    return shown;
  };
  return {
    bounded,
    counter: once(counters, (name, unit, description) => meter.createCounter(name, unit, description)),
    gauge: once(gauges, (name, unit, description) => meter.createGauge(name, 'int', unit, description)),
  };
}
