/** A URL that cannot be used; the message says what to do. */
export class UrlProblem extends Error {}

type Query = Readonly<Record<string, unknown>>;

/**
 * The URL of a request. Paths are appended to the path of the base, with or without a slash at the start.
 * @throws UrlProblem
 */
export function resolveUrl(url: string, baseUrl?: string, query: Query = {}): URL {
  const resolved = parse(url, baseUrl);
  if (resolved.protocol !== 'http:' && resolved.protocol !== 'https:') {
    throw new UrlProblem(`expected http: or https:, got ${resolved.protocol}`);
  }
  if (resolved.username !== '' || resolved.password !== '') {
    throw new UrlProblem('expected no user name and password in it: send them as a header of the options');
  }
  if (baseUrl !== undefined && resolved.origin !== new URL(baseUrl).origin) {
    throw new UrlProblem(`expected an address at ${new URL(baseUrl).origin}, the origin of baseUrl`);
  }
  resolved.hash = '';
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value])
      resolved.searchParams.append(name, String(each));
  }
  return resolved;
}

function parse(url: string, baseUrl: string | undefined): URL {
  try {
    if (baseUrl === undefined || /^[a-z][a-z\d+.-]*:/i.test(url)) return new URL(url);
    const base = new URL(baseUrl);
    return new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}/${url.replace(/^\//, '')}`);
  } catch {
    throw new UrlProblem(
      baseUrl === undefined
        ? 'expected an absolute URL such as "https://api.example.com/v1/orders"'
        : 'expected an absolute URL, or a path below baseUrl',
    );
  }
}
