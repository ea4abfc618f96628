import { decodeText, isJson, readBody, readStart } from './body.js';
import { checkSchema } from './check-schema.js';
import type { Trace } from './error.js';
import { bodyFailure, statusFailure } from './failures.js';
import type { Answer } from './hops.js';
import type { Call } from './request.js';

/** Enough to show what went wrong. */
const ERROR_BODY_BYTES = 64_000;

/**
 * Reads an answer: the status must be expected, JSON must be JSON, and the schema must fit.
 * @returns the body: a JSON value, text, or undefined where there is none
 */
export async function readAnswer(answer: Answer, call: Call, trace: Trace): Promise<unknown> {
  const { status, headers, body } = answer;
  const contentType = headers['content-type'] ?? '';
  if (!isExpected(status, call.expectedStatus)) {
    const limit = Math.min(call.maxResponseBytes, ERROR_BODY_BYTES);
    trace.body = decodeText(await readStart(body, headers, limit), contentType);
    throw statusFailure(call.expectedStatus, trace);
  }
  if (hasNoBody(answer, call)) {
    body.resume();
    return undefined;
  }
  const text = decodeText(await readBody(body, headers, call.maxResponseBytes), contentType);
  trace.body = text;
  if (text === '') return undefined;
  return isJson(contentType) ? parseJson(text, trace) : text;
}

/** What the schema of the call makes of a body. */
export async function fitToSchema(value: unknown, { schema }: Call, trace: Trace): Promise<unknown> {
  if (schema === undefined) return value;
  const checked = await checkSchema(schema, value);
  if ('value' in checked) return checked.value;
  const type = trace.headers?.['content-type'];
  const note = typeof value === 'string' ? `; the answer is no JSON but ${type ?? 'of no content type'}` : '';
  throw bodyFailure('schema', `The answer does not fit its schema: ${checked.problems}${note}`, trace);
}

function isExpected(status: number, patterns: Call['expectedStatus']): boolean {
  return patterns.some((pattern) =>
    typeof pattern === 'number' ? pattern === status : pattern[0] === String(status)[0],
  );
}

function hasNoBody({ status }: Answer, { method }: Call): boolean {
  return method === 'HEAD' || status === 204 || status === 205 || status === 304;
}

/** The parser's own message would show a part of the body. */
function parseJson(text: string, trace: Trace): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bodyFailure('json', `The answer says it is JSON and is not: ${text.length} characters`, trace);
  }
}
