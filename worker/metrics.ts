import type { MetricCounter, MetricGauge, MetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';

/** Adds one to the counter `temporal_recovery_<name>`. */
export function count(name: string, tags: Record<string, string>): void {
  metrics().counter(name).add(1, tags);
}

/** Sets the gauge `temporal_recovery_<name>`. */
export function gauge(name: string, value: number, tags: Record<string, string>): void {
  metrics().gauge(name).set(value, tags);
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
  const once = <M>(made: Map<string, M>, make: (name: string) => M) => {
    return (name: string): M => {
      const metric = made.get(name) ?? make(`temporal_recovery_${name}`);
      made.set(name, metric);
      return metric;
    };
  };
  return {
    counter: once(counters, (name) => meter.createCounter(name)),
    gauge: once(gauges, (name) => meter.createGauge(name)),
  };
}
