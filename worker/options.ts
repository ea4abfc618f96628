import { msToNumber } from '@temporalio/common/lib/time';
import { z } from 'zod';
import { DEFAULT_QUEUE, DEFAULT_TASK_QUEUE } from '../common/contract.js';

const name = z.string().min(1).max(200);

const duration = z.union([z.number(), z.string()]).transform((value, context) => {
  try {
    const milliseconds = msToNumber(value as never);
    if (Number.isFinite(milliseconds) && milliseconds > 0) return milliseconds;
  } catch {
    // reported below
  }
  context.addIssue({
    code: 'custom',
    message: `expected a duration above 0 in milliseconds or as a string such as "5 minutes", got ${JSON.stringify(value)}`,
  });
  return z.NEVER;
});

const schema = z.strictObject({
  mode: z.enum(['recover', 'observe']).default('recover'),
  taskQueue: name.default(DEFAULT_TASK_QUEUE),
  queue: name.default(DEFAULT_QUEUE),
  runRecoveryWorker: z.boolean().default(true),
  replay: z
    .strictObject({
      maximumAttempts: z.number().int().min(1).max(1000).default(11),
      scheduleToStartTimeout: duration.default(5 * 60_000),
    })
    .prefault({}),
});

/**
 * Options of `RecoveryPlugin`. All are optional; the defaults are safe to add to a running system.
 */
export interface RecoveryPluginOptions {
  /**
   * `recover` does it; `observe` changes nothing and writes nothing to histories: it logs and counts what would have
   * been retried otherwise or dead-lettered.
   * @default 'recover'
   */
  mode?: 'recover' | 'observe';
  /**
   * Task queue of the recovery worker, which runs the dead letters' workflows. The same in all workers and not the
   * task queue of any other worker.
   * @default 'temporal-recovery'
   */
  taskQueue?: string;
  /**
   * Name of the dead-letter queue this worker's letters belong to, for filters (search attribute `RecoveryQueue`).
   * @default 'default'
   */
  queue?: string;
  /**
   * Whether this process also runs the recovery worker. Switched off, another process has to run it: letters are
   * written in any case, but nobody would answer signals and queries.
   * @default true
   */
  runRecoveryWorker?: boolean;
  /** Limits of one replay, for calls that do not set their own. */
  replay?: {
    /** Attempts of one replay. @default 11 (the first and 10 retries) */
    maximumAttempts?: number;
    /**
     * How long a replay waits for a worker that takes it: milliseconds or a string such as `'5 minutes'`.
     * @default '5 minutes'
     */
    scheduleToStartTimeout?: number | string;
  };
}

export type ParsedOptions = z.output<typeof schema>;

/** An option that cannot be used. `message` lists every problem with path, value and fix. */
export class InvalidOptionsError extends TypeError {
  override readonly name = 'InvalidOptionsError';
}

/** @throws InvalidOptionsError */
export function parseOptions(options: RecoveryPluginOptions): ParsedOptions {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      const unknown = issue.keys.map((key) => [path, key].filter(Boolean).join('.'));
      return `${unknown.join(', ')}: unknown option; known here are ${knownKeys(issue.path).join(', ')}`;
    }
    return `${path || 'options'}: ${issue.message}`;
  });
  throw new InvalidOptionsError(`RecoveryPlugin: ${problems.join('; ')}`);
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  const shape = path.length === 0 ? schema.shape : schema.shape.replay.unwrap().shape;
  return Object.keys(shape);
}
