import { plainJson } from './plain-json.js';
import type { Redactor } from './redaction/redaction.js';
import { get, isObject } from './safe.js';

const MAX_NODES = 500;
const MAX_CHARACTERS = 8_000;

/** The body of an answer, where the client has read it already. Streams and binary data are left alone. */
export function responseBodyOf(links: readonly unknown[], redactor: Redactor): string | undefined {
  for (const link of links) {
    const response = get(link, 'response');
    if (typeof response === 'string' && response !== '') return response;
    for (const holder of [response, link]) {
      for (const key of ['data', 'body', 'responseBody', 'responseText']) {
        const text = bodyText(get(holder, key), redactor);
        if (text !== undefined) return text;
      }
    }
  }
  return undefined;
}

function bodyText(body: unknown, redactor: Redactor): string | undefined {
  if (typeof body === 'string') return body === '' ? undefined : body;
  if (!isObject(body) || isStream(body) || isBinary(body)) return undefined;
  // Only as much as is kept, however much there is; names of fields are still known here, so secrets go first.
  const json = redactor.json(plainJson(body, MAX_NODES, MAX_CHARACTERS));
  return json === undefined ? undefined : JSON.stringify(json);
}

function isStream(body: object): boolean {
  return ['pipe', 'getReader', 'arrayBuffer', 'next'].some((key) => typeof get(body, key) === 'function');
}

function isBinary(body: object): boolean {
  return typeof get(body, 'byteLength') === 'number';
}
