import { metricMeter } from '@temporalio/workflow';
import { type CounterName, fullName, type LabelsOf, METRICS } from '../../common/telemetry/metrics.js';

/** Adds to a counter, but not while history is replayed. */
export function count<N extends CounterName>(name: N, labels: LabelsOf<N>, by = 1): void {
  const { unit, description } = METRICS[name];
  metricMeter.createCounter(fullName(name), unit, description).add(by, labels);
}
