import { z } from 'zod';
import type { Classify } from '../../activities/settings.js';
import { DEFAULT_QUEUE, DEFAULT_TASK_QUEUE } from '../../common/contract.js';
import { RECOVERY_OPTION_NAMES, RETRY_AFTER_CAP_MS } from '../../common/strategies/index.js';
import { readDuration } from '../../common/text/duration.js';
import { show } from '../../common/text/show.js';

const name = z.string().min(1).max(200);

function aboveZero(value: unknown, context: z.RefinementCtx, orElse = ''): number {
  const milliseconds = readDuration(value);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  context.addIssue({
    code: 'custom',
    message: `expected a duration above 0 in milliseconds or as a string such as "5 minutes"${orElse}, got ${show(value)}`,
  });
  return z.NEVER;
}

const duration = z.unknown().transform((value, context) => aboveZero(value, context));
const durationOrFalse = z
  .unknown()
  .transform((value, context) => (value === false ? false : aboveZero(value, context, ', or false')));

const schema = z.strictObject({
  mode: z.enum(['recover', 'observe']).default('recover'),
  taskQueue: name.default(DEFAULT_TASK_QUEUE),
  queue: name.default(DEFAULT_QUEUE),
  runRecoveryWorker: z.boolean().default(true),
  letterMetrics: durationOrFalse.default(60_000),
  analytics: z.boolean().default(true),
  groups: z.boolean().default(true),
  replay: z
    .strictObject({
      maximumAttempts: z.number().int().min(1).max(1000).default(11),
      scheduleToStartTimeout: duration.default(5 * 60_000),
    })
    .prefault({}),
  classify: z.custom<Classify>((value) => typeof value === 'function', 'expected a function').optional(),
  secretNames: z.array(name).default([]),
  redactPersonalData: z.boolean().default(true),
  maxRetryAfter: duration.default(RETRY_AFTER_CAP_MS),
  operations: z.record(z.string().min(1), z.unknown()).default({}),
  queues: z.unknown().optional(),
  breaker: z.unknown().optional(),
  breakers: z.unknown().optional(),
  quotaKey: z.unknown().optional(),
  flood: z.unknown().optional(),
  limits: z.unknown().optional(),
  chaos: z.unknown().optional(),
  alerts: z.unknown().optional(),
  tags: z.unknown().optional(),
  // Read by readRulebook, which workflow code and configuration files share; here only their names are known.
  ...Object.fromEntries(RECOVERY_OPTION_NAMES.map((option) => [option, z.unknown().optional()])),
});

export type PluginSettings = z.output<typeof schema>;

/** The plugin's own options with their defaults, undefined where there are problems. */
export function readSettings(options: unknown): { settings?: PluginSettings; problems: string[] } {
  const parsed = schema.safeParse(options);
  if (!parsed.success) return { problems: parsed.error.issues.map(describe) };
  return { settings: parsed.data as PluginSettings, problems: [] };
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => [path, key].filter(Boolean).join('.'));
    return `${unknown.join(', ')}: unknown option; known here are ${knownKeys(issue.path).join(', ')}`;
  }
  return `${path || 'options'}: ${issue.message}`;
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  const shape = path.length === 0 ? schema.shape : schema.shape.replay.unwrap().shape;
  return Object.keys(shape);
}
