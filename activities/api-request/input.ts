import { msToNumber } from '@temporalio/common/lib/time';
import { z } from 'zod';
import { defaultRedactor } from '../../common/errors/index.js';
import { beginning } from '../../common/text/text.js';

const MAX_SHOWN = 100;

/** A duration as Temporal takes them, above 0 and at most `maxMs`, in milliseconds. */
export function duration(maxMs: number) {
  return z
    .union([z.number(), z.string()], { error: 'expected milliseconds or a string such as "10s"' })
    .transform((value, context) => {
      try {
        const milliseconds = msToNumber(value as never);
        if (milliseconds > 0 && milliseconds <= maxMs) return milliseconds;
      } catch {
        // reported below
      }
      context.addIssue({
        code: 'custom',
        message: `expected a duration above 0 and up to ${maxMs} ms, in milliseconds or as a string such as "10s"`,
      });
      return z.NEVER;
    });
}

/** Every problem with path, value and what is allowed. Values of secrets are not shown. */
export function problems(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  known: readonly string[],
): string {
  return issues.map((issue) => problem(issue, input, known)).join('; ');
}

function problem(issue: z.core.$ZodIssue, input: unknown, known: readonly string[]): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys.map((key) => [path, key].filter(Boolean).join('.'));
    return `${unknown.join(', ')}: unknown field; known are ${known.join(', ')}`;
  }
  const shown = path.startsWith('headers') ? undefined : valueAt(input, issue.path);
  const got = shown === undefined ? '' : `, got ${shown}`;
  return `${path || 'request'}: ${issue.message.replace(/^Invalid \w+: /, '')}${got}`;
}

/** As JSON, cut, without secrets; undefined where there is no value. */
function valueAt(input: unknown, path: readonly PropertyKey[]): string | undefined {
  let value: unknown = input;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  const name = String(path.at(-1) ?? 'value');
  const redacted = (defaultRedactor.json({ [name]: value }) as Record<string, unknown>)[name];
  const shown = JSON.stringify(redacted) as string | undefined;
  return shown && beginning(shown, MAX_SHOWN);
}
