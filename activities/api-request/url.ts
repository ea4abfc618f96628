/** A URL that cannot be used; the message says what to do. */
export class UrlProblem extends Error {}

type Query = Readonly<Record<string, unknown>>;

/**
 * The URL of a request. Paths are appended to the path of the base, with or without a slash at the start, and stay
 * below it.
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
  if (baseUrl !== undefined && isRelative(url) && climbsOut(resolved, new URL(baseUrl))) {
    throw new UrlProblem(
      `expected a path below ${new URL(baseUrl).pathname}, that of baseUrl, got one that leaves it: give an absolute URL, or a shorter baseUrl`,
    );
  }
  resolved.hash = '';
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value])
      resolved.searchParams.append(name, String(each));
  }
  return resolved;
}

function isRelative(url: string): boolean {
  return !/^[a-z][a-z\d+.-]*:/i.test(url);
}

/** Dots, also encoded once or twice: URLs know those without slashes, servers and proxies decode the others. */
function climbsOut(resolved: URL, base: URL): boolean {
  const root = base.pathname.replace(/\/$/, '');
  if (resolved.pathname !== root && !resolved.pathname.startsWith(`${root}/`)) return true;
  let rest = resolved.pathname.slice(root.length);
  for (let round = 0; round < 3; round++) {
    rest = rest
      .replace(/%25/g, '%')
      .replace(/%2e/gi, '.')
      .replace(/%2f|%5c|\\/gi, '/');
  }
  let depth = 0;
  for (const segment of rest.split('/').slice(1)) {
    // A server may take what follows a semicolon for a parameter of the segment.
    if (/^\.\.(?:;.*)?$/.test(segment)) depth--;
    else if (segment !== '' && segment !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}

function parse(url: string, baseUrl: string | undefined): URL {
  try {
    if (baseUrl === undefined || !isRelative(url)) return new URL(url);
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
