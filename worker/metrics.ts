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

/** Adds to a counter. */
export function count<N extends CounterName>(name: N, labels: LabelsOf<N>, by = 1): void {
  metrics()
    .counter(name)
    .add(by, { ...labels });
}

/** Sets a gauge. */
export function gauge<N extends GaugeName>(name: N, value: number, labels: LabelsOf<N>): void {
  metrics()
    .gauge(name)
    .set(value, { ...labels });
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
  return {
    counter: once(counters, (name, unit, description) => meter.createCounter(name, unit, description)),
    gauge: once(gauges, (name, unit, description) => meter.createGauge(name, 'int', unit, description)),
  };
}
