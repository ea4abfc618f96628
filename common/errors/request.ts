import { beginning } from '../text/text.js';
import { headerOf, sentHeaderOf } from './headers.js';
import { get, getString } from './safe.js';

const MAX_ID = 200;

/** The URL that was asked, with the base URL of axios; without one, what the client says of the answer. */
export function requestUrlOf(links: readonly unknown[]): string | undefined {
  for (const link of links) {
    const url = configuredUrl(get(link, 'config')) ?? plainUrl(link);
    if (url !== undefined) return url;
  }
  return undefined;
}

function configuredUrl(config: unknown): string | undefined {
  const own = urlText(get(config, 'url'));
  const base = getString(config, 'baseURL');
  if (own === undefined || base === undefined || /^(?:[a-z][\w+.-]{0,20}:)?\/\//i.test(own))
    return own ?? base;
  return `${base.replace(/\/$/, '')}/${own.replace(/^\//, '')}`;
}

function plainUrl(link: unknown): string | undefined {
  const own = getString(link, 'requestUrl');
  if (own !== undefined) return own;
  for (const holder of ['options', 'request', 'response', 'req', 'res']) {
    const inner = get(link, holder);
    const url = urlText(get(inner, 'url')) ?? urlText(get(inner, 'requestUrl')) ?? urlText(inner);
    if (url !== undefined) return url;
  }
  return urlText(get(link, 'url'));
}

/** A string, or the `href` of a URL object, which is of no use here as a class. */
function urlText(url: unknown): string | undefined {
  if (typeof url === 'string') return url === '' ? undefined : url;
  return getString(url, 'href');
}

export function requestMethodOf(links: readonly unknown[]): string | undefined {
  for (const link of links) {
    for (const holder of ['config', 'options', 'request', 'req']) {
      const method = methodText(getString(get(link, holder), 'method'));
      if (method !== undefined) return method;
    }
    const own = methodText(getString(link, 'requestMethod', 'method'));
    if (own !== undefined) return own;
  }
  return undefined;
}

function methodText(method: string | undefined): string | undefined {
  return method !== undefined && /^[a-z]{3,12}$/i.test(method) ? method.toUpperCase() : undefined;
}

/** The id under which the service knows the call: from its answer, else as it was sent. */
export function correlationIdOf(links: readonly unknown[]): string | undefined {
  const names = ['x-correlation-id', 'x-request-id', 'request-id', 'x-amzn-requestid'];
  const id = headerOf(links, ...names) ?? ownId(links) ?? sentHeaderOf(links, ...names);
  return id && beginning(id, MAX_ID);
}

function ownId(links: readonly unknown[]): string | undefined {
  for (const link of links) {
    const id =
      getString(link, 'correlationId', 'requestId', 'requestID', 'request_id') ??
      getString(get(link, '$metadata'), 'requestId');
    if (id !== undefined) return id;
  }
  return undefined;
}
