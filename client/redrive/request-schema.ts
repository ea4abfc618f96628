import { z } from 'zod';
import { ORIGIN_STATUSES } from '../../common/dead-letter/origin-status.js';
import { transformProblem } from '../../common/redrive/transform.js';
import { type ArgumentsTransform, RedriveAction } from '../../common/redrive/types.js';
import { InvalidRequestError } from '../errors.js';

/** More do not fit into the input of a workflow at the longest ids, whatever they have in common. */
const MAX_IDS = 5_000;
const MAX_LETTERS = 100_000;

const text = z.string().min(1).max(1_000);
const flag = z.boolean().default(false);

const schema = z.strictObject({
  action: z.enum(Object.values(RedriveAction)).default('replay'),
  filter: z.record(z.string(), z.unknown()).optional(),
  query: z.string().min(1).max(5_000).optional(),
  ids: z.array(z.string().min(1)).min(1).max(MAX_IDS).optional(),
  limit: z.number().int().min(1).max(MAX_LETTERS).default(MAX_LETTERS),
  dryRun: flag,
  rate: z.number().min(0.01).max(1_000).default(10),
  concurrency: z.number().int().min(1).max(500).default(10),
  canary: z.number().int().min(0).max(1_000).default(0),
  maxFailureShare: z.number().min(0).max(1).default(0.5),
  transform: z
    .custom<ArgumentsTransform>()
    .superRefine((value, context) => {
      const problem = value === undefined ? undefined : transformProblem(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `must be ${problem}` });
    })
    .optional(),
  force: flag,
  skipOrigins: z.array(z.enum(ORIGIN_STATUSES)).min(1).optional(),
  result: z.unknown().optional(),
  by: text.optional(),
  reason: text.optional(),
});

/** @throws InvalidRequestError */
export function readRequest(request: unknown): z.output<typeof schema> {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new InvalidRequestError(`redrive: ${parsed.error.issues.map(describe).join('; ')}`);
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `${issue.keys.join(', ')}: unknown field; known are ${Object.keys(schema.shape).join(', ')}`;
  }
  return `${issue.path.map(String).join('.') || 'request'}: ${issue.message}`;
}
