interface MetricDefinition {
  readonly kind: 'counter' | 'gauge';
  /** As OpenTelemetry writes units: `{letter}`, `ms`, `s`, `1`. */
  readonly unit: string;
  /** Their values are few: never an id, a message or an argument. */
  readonly labels: readonly string[];
  readonly description: string;
}

/**
 * All metrics of the plugin, without the prefix `temporal_recovery_`. docs/metrics.md has the same table. Names and labels
 * are part of the contract: dashboards and alerts use them.
 */
export const METRICS = {
  attempts_failed: {
    kind: 'counter',
    unit: '{attempt}',
    labels: ['activityType', 'category', 'retry', 'mode'],
    description: 'Attempts that failed; retry says whether another one follows',
  },
  attempts_rejected: {
    kind: 'counter',
    unit: '{attempt}',
    labels: ['activityType', 'mode'],
    description:
      'Attempts rejected by an open circuit breaker, because a quota is used up or a limit is reached, or held by the flood guard',
  },
  attempts_turned_away: {
    kind: 'counter',
    unit: '{attempt}',
    labels: ['activityType', 'mode'],
    description: 'Deprecated name of attempts_rejected',
  },
  throttled_milliseconds: {
    kind: 'counter',
    unit: 'ms',
    labels: ['activityType', 'mode'],
    description: 'Waits given to calls because a quota of the service is used up',
  },
  answered: {
    kind: 'counter',
    unit: '{call}',
    labels: ['activityType', 'action', 'by', 'category'],
    description: 'Failed calls that a fallback answered or that were skipped',
  },
  dead_letters: {
    kind: 'counter',
    unit: '{letter}',
    labels: ['activityType', 'category', 'queue'],
    description: 'Letters written, and failures added to the letter of their record',
  },
  floods_found: {
    kind: 'counter',
    unit: '{flood}',
    labels: ['activityType', 'action'],
    description: 'Floods of letters of one group that this worker has found; action is hold or alarm',
  },
  would_dead_letter: {
    kind: 'counter',
    unit: '{letter}',
    labels: ['activityType'],
    description: 'In observe mode: letters that would have been written',
  },
  letters_lost: {
    kind: 'counter',
    unit: '{letter}',
    labels: ['activityType'],
    description: 'Letters that could not be written',
  },
  dead_letters_closed: {
    kind: 'counter',
    unit: '{letter}',
    labels: ['status', 'queue', 'operation'],
    description: 'Letters closed',
  },
  open_letters: {
    kind: 'gauge',
    unit: '{letter}',
    labels: ['namespace', 'queue'],
    description: 'Open letters of the fleet',
  },
  oldest_letter_seconds: {
    kind: 'gauge',
    unit: 's',
    labels: ['namespace', 'queue'],
    description: 'Age of the oldest open letter; 0 without one',
  },
  queue_letters: {
    kind: 'gauge',
    unit: '{letter}',
    labels: ['queue'],
    description: 'Open letters of a queue that has maxLetters',
  },
  replays: {
    kind: 'counter',
    unit: '{replay}',
    labels: ['queue', 'operation', 'outcome'],
    description: 'Replays of letters that have ended',
  },
  redrive_letters: {
    kind: 'counter',
    unit: '{letter}',
    labels: ['action'],
    description: 'Letters that redrives have listed at their start',
  },
  redriven_letters: {
    kind: 'counter',
    unit: '{letter}',
    labels: ['action', 'outcome'],
    description: 'Letters that redrives have handled',
  },
  redrives_ended: {
    kind: 'counter',
    unit: '{redrive}',
    labels: ['action', 'status'],
    description: 'Redrives that have ended',
  },
  breaker_state: {
    kind: 'gauge',
    unit: '1',
    labels: ['namespace', 'breaker', 'state'],
    description: '1 for the state of a circuit breaker as this worker sees it, 0 for the states before',
  },
  breaker_transitions: {
    kind: 'counter',
    unit: '{transition}',
    labels: ['from', 'to'],
    description: 'Transitions of the circuit breakers of the fleet',
  },
  breaker_floods: {
    kind: 'gauge',
    unit: '{flood}',
    labels: ['namespace', 'breaker', 'state'],
    description: 'Operations (and quota keys) whose calls end as letters of one group: held or alarm',
  },
  breaker_trials: {
    kind: 'counter',
    unit: '{call}',
    labels: ['breaker', 'outcome'],
    description: 'Trial calls that have ended',
  },
  alerts_delivered: {
    kind: 'counter',
    unit: '{alert}',
    labels: ['kind'],
    description: 'Events that hooks have received',
  },
  injected_failures: {
    kind: 'counter',
    unit: '{attempt}',
    labels: ['activityType', 'kind'],
    description: 'Attempts that the option chaos failed on purpose',
  },
  faults: {
    kind: 'counter',
    unit: '{fault}',
    labels: ['where'],
    description: 'Faults of the plugin itself',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

type OfKind<K extends MetricDefinition['kind']> = {
  [N in MetricName]: (typeof METRICS)[N]['kind'] extends K ? N : never;
}[MetricName];

export type CounterName = OfKind<'counter'>;
export type GaugeName = OfKind<'gauge'>;
export type LabelsOf<N extends MetricName> = Readonly<Record<(typeof METRICS)[N]['labels'][number], string>>;

/** The name that Prometheus and OpenTelemetry see. */
export function fullName(name: MetricName): string {
  return `temporal_recovery_${name}`;
}
