import { beginning } from '../text/text.js';
import { plainJson } from './plain-json.js';
import type { Redactor } from './redaction/redaction.js';
import { get, getString, isObject, textOf } from './safe.js';
import { applicationType } from './sources/temporal.js';

const MAX_PART = 20_000;

/** `fetch failed` says nothing; what failed is in its causes. Each is said once. */
export function messageOf(links: readonly unknown[], redactor: Redactor): string {
  const parts: string[] = [];
  for (const link of links) {
    const part = ownMessage(link);
    if (part !== undefined && !parts.some((known) => known.includes(part))) parts.push(part);
  }
  return parts.length > 0 ? parts.join(': ') : textWithoutMessage(links[0], redactor);
}

function ownMessage(link: unknown): string | undefined {
  const message = isObject(link) ? getString(link, 'message', 'code') : textOf(link);
  return message && beginning(message, MAX_PART);
}

function textWithoutMessage(link: unknown, redactor: Redactor): string {
  const name = typeOf(link);
  if (name !== undefined && name !== 'Array') return name;
  // Names of fields are still known here, so secrets go first.
  const json = redactor.json(plainJson(link, 200, MAX_PART));
  return beginning(JSON.stringify(json) ?? textOf(link), MAX_PART);
}

/** Classes that say less than the error's own name. */
const PLAIN = new Set(['', 'Object', 'Error', 'DOMException']);

/** What the original was: type of an `ApplicationFailure`, class, name. */
export function typeOf(link: unknown): string | undefined {
  const type = applicationType(link);
  if (type !== undefined) return type;
  const className = getString(get(link, 'constructor'), 'name') ?? '';
  // Names of one or two letters come from minifiers.
  if (isObject(link) && className.length > 2 && !PLAIN.has(className)) return className;
  return getString(link, 'name') ?? (className === 'Error' ? className : undefined);
}
