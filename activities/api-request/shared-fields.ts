import { z } from 'zod';
import { MAX_CONNECT_MS } from './agents.js';
import { headerProblem } from './headers.js';
import { duration } from './input.js';

const DAY_MS = 24 * 3_600_000;

/** Of both the request and the options. */
export const LIMITS = {
  timeout: duration(DAY_MS).optional(),
  connectTimeout: duration(MAX_CONNECT_MS).optional(),
  maxResponseBytes: z.int().min(1).max(1e9).optional(),
};

export const headersSchema = z.record(z.string(), z.unknown()).superRefine((headers, context) => {
  for (const [name, value] of Object.entries(headers)) {
    const message = headerProblem(name, value);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});
