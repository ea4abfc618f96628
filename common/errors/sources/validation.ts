import { get, getString, items } from '../safe.js';

/** Zod's `issues`, ajv's `errors` (thrown as they are, too) and fastify's `validation`, by the shape of the first. */
export function isValidation(link: unknown): boolean {
  const issue = items(get(link, 'issues'), 1)[0];
  if (issue !== undefined && Array.isArray(get(issue, 'path')) && getString(issue, 'message') !== undefined) {
    return true;
  }
  return [link, get(link, 'errors'), get(link, 'validation')].some((list) => {
    const first = items(list, 1)[0];
    if (getString(first, 'keyword') === undefined) return false;
    return typeof get(first, 'instancePath') === 'string' || typeof get(first, 'dataPath') === 'string';
  });
}

/** What came was no JSON: the service's fault, and often a passing one (an HTML page of a gateway). */
export function isBrokenJson(link: unknown, name: string | undefined): boolean {
  const code = getString(link, 'code');
  if (code === 'ERR_BODY_PARSE_FAILURE') return true;
  // Of Azure's clients: the answer was cut, or was no JSON.
  if (code === 'PARSE_ERROR' && getString(link, 'name') === 'RestError') return true;
  const message = getString(link, 'message')?.slice(0, 500) ?? '';
  return (name === 'SyntaxError' && /\bJSON\b/.test(message)) || /\bis not valid JSON\b/.test(message);
}
