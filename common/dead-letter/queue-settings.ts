import { findOperations } from '../strategies/index.js';
import type { QueueRules } from './queue-options.js';
import type { DeadLetterRecord } from './record.js';

const THIRTY_DAYS_MS = 30 * 86_400_000;
const DEFAULTS = { retentionMs: THIRTY_DAYS_MS, delaysMs: [], maxReplays: 10 } as const;

/** The settings of queues, by name or pattern. */
export class QueueBook {
  constructor(private readonly entries: ReadonlyMap<string, QueueRules> = new Map()) {}

  /** Each setting from the most specific entry that has it; only paths that are not to be shown add up. */
  of(queue: string): QueueRules {
    const rules = findOperations(this.entries, [queue]);
    const first = <K extends keyof QueueRules>(key: K): QueueRules[K] =>
      rules.find((each) => each[key] !== undefined)?.[key];
    return {
      retentionMs: first('retentionMs'),
      delaysMs: first('delaysMs'),
      maxReplays: first('maxReplays'),
      onDeadLetter: first('onDeadLetter'),
      maxLetters: first('maxLetters'),
      showArguments: first('showArguments'),
      redact: rules.flatMap(({ redact = [] }) => redact),
    };
  }

  /** All activities that are notified of letters, with their paths in the options. */
  hooks(): { readonly path: string; readonly activity: string; readonly taskQueue?: string }[] {
    return [...this.entries].flatMap(([name, { onDeadLetter }]) =>
      onDeadLetter === undefined ? [] : [{ path: `queues.${name}.onDeadLetter`, ...onDeadLetter }],
    );
  }
}

type Settings = Pick<
  DeadLetterRecord,
  'retentionMs' | 'autoReplay' | 'onDeadLetter' | 'showArguments' | 'redact'
>;

/**
 * What a letter carries of the settings of its queue.
 * @param taskQueue of the call
 */
export function settingsInRecord(rules: QueueRules, taskQueue: string): Settings {
  const { retentionMs = DEFAULTS.retentionMs, onDeadLetter, showArguments, redact = [] } = rules;
  const { delaysMs = DEFAULTS.delaysMs, maxReplays = DEFAULTS.maxReplays } = rules;
  return {
    ...(retentionMs === false ? {} : { retentionMs }),
    autoReplay: { delaysMs, maxReplays },
    ...(onDeadLetter === undefined ? {} : { onDeadLetter: { taskQueue, ...onDeadLetter } }),
    ...(showArguments === false ? { showArguments } : {}),
    ...(redact.length === 0 ? {} : { redact }),
  };
}
