import { get, isObject, items } from './safe.js';

/** Where clients keep the answer to a call. One more client: one more name. */
const ANSWERS: readonly string[] = [
  ...['response', '$response', 'rawResponse', 'rawResponse$', 'httpResponse', '_response', 'res', 'resp'],
  ...['httpMeta', 'HttpMeta', 'output', '$metadata', 'meta', 'metadata', 'reply', 'resource', 'responseInfo'],
];

/** Where they, and services, keep what the answer says. */
const CONTENTS: readonly string[] = [
  ...[
    'data',
    'body',
    'parsedBody',
    'bodyAsText',
    'responseBody',
    'responseText',
    'rawBody',
    'payload',
    'responseJSON',
    'json',
    'text',
    'message',
  ],
  ...[
    'error',
    'errors',
    'Error',
    'graphQLErrors',
    'extensions',
    'shape',
    'fault',
    'Fault',
    'detail',
    'details',
  ],
  ...[
    'result',
    'errorResponse',
    'errorDetails',
    'errorInfo',
    'parameters',
    'innererror',
    'statusDetails',
    'extra',
  ],
  ...['root', 'Envelope', 'Body', 'Code', 'Subcode', 'Errors', 'status', 'debug', 'exception'],
  'CancellationReasons',
];

const MAX_NODES = 60;
const MAX_DEPTH = 5;
const MAX_ITEMS = 25;
const MAX_JSON = 64_000;

/** Something that an error carries. */
export interface Node {
  readonly value: object;
  /** Neither the error nor its answer, but what the answer says. */
  readonly isContent: boolean;
}

/** An error and its answers, the error first. Never more than a few: names are followed, not everything. */
export function answersOf(link: unknown): object[] {
  return breadthFirst(link, ANSWERS, []).map(({ value }) => value);
}

/** The same with what the answers say; text that is JSON is read. */
export function nodesOf(link: unknown): Node[] {
  return breadthFirst(link, ANSWERS, CONTENTS);
}

function breadthFirst(link: unknown, answers: readonly string[], contents: readonly string[]): Node[] {
  const nodes: Node[] = [];
  const seen = new Set<object>();
  const add = (value: unknown, isContent: boolean) => {
    if (!isObject(value) || seen.has(value) || nodes.length >= MAX_NODES) return;
    seen.add(value);
    nodes.push({ value, isContent });
  };
  add(link, false);
  let from = 0;
  for (let depth = 0; depth < MAX_DEPTH && from < nodes.length; depth++) {
    const level = nodes.slice(from);
    from = nodes.length;
    for (const { value, isContent } of level) {
      if (isBinary(value)) continue;
      for (const item of items(value, MAX_ITEMS)) add(item, isContent);
      // An answer inside the content is an answer too.
      for (const name of answers) add(get(value, name), isContent && !/response/i.test(name));
      for (const name of contents) add(readable(get(value, name)), true);
    }
  }
  return nodes;
}

function isBinary(value: object): boolean {
  return typeof get(value, 'byteLength') === 'number';
}

function readable(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > MAX_JSON || !/^\s{0,20}[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
