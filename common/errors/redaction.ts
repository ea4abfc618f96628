/** Takes secrets out of what is shown: URLs, headers, bodies, messages. */
export interface Redactor {
  text(text: string): string;
  url(url: string): string;
  headers(headers: Record<string, string>): Record<string, string>;
  json(value: unknown): unknown;
  body(body: string): string;
}

export interface RedactionOptions {
  /** Further names of fields, headers and query parameters whose values are secrets. */
  readonly keys?: readonly (string | RegExp)[];
}

export const REDACTED = '[REDACTED]';

/** Names without case, hyphens and underscores. */
const SECRET_NAMES = [
  'authorization|proxyauthorization|cookie|setcookie|xapikey|apikey|accesskey|secretkey|privatekey|signingkey',
  'password|passwd|pwd|passphrase|pin|otp|secret|clientsecret|token|accesstoken|refreshtoken|idtoken|authtoken',
  'sessiontoken|session|sessionid|credential|credentials|sig|signature|xamzsignature|xamzcredential|jwt|bearer',
  'xamzsecuritytoken|xgoogsignature|xgoogcredential|csrftoken|xcsrftoken|xauthtoken|connectionstring',
].join('|');
const SECRET_NAME = new RegExp(`^(?:${SECRET_NAMES})$`);
/** Names that contain one of these are secrets too, such as `stripeApiKey` or `user_password`. */
const SECRET_PART =
  /(?:password|passwd|secret|apikey|accesstoken|refreshtoken|authtoken|privatekey|credential)/;
/** Query parameters that are secrets although a JSON field of the name is not. */
const SECRET_PARAMETER = /^(?:key|code|auth|state|sas|se|sp)$/;

const MAX_DEPTH = 12;

export function createRedactor({ keys = [] }: RedactionOptions = {}): Redactor {
  const own = keys.map((key) => (typeof key === 'string' ? plainName(key) : key));
  const isSecret = (name: string): boolean => {
    const plain = plainName(name);
    if (SECRET_NAME.test(plain) || SECRET_PART.test(plain)) return true;
    return own.some((key) =>
      typeof key === 'string'
        ? key === plain
        : new RegExp(key.source, key.flags.replace(/[gy]/g, '')).test(name),
    );
  };

  const parameters = (query: string): string =>
    query.replace(/([?&;]|^)([^=&;?#\s]{1,100})=([^&;#\s"'<>]*)/g, (all, start: string, name: string) =>
      isSecret(name) || SECRET_PARAMETER.test(name.toLowerCase()) ? `${start}${name}=${REDACTED}` : all,
    );

  const url = (text: string): string => parameters(withoutUserInfo(text));

  /** `"password": "…"`, also in text that was cut and is no JSON any more. */
  const fields = (text: string): string =>
    text.replace(
      /(\\?")([\w.-]{1,64})(\\?"\s{0,8}:\s{0,8})(\\?"(?:[^"\\]|\\[^"])*(?:\\?"|$)|[\w.+-]+)/g,
      (all, open: string, name: string, colon: string) =>
        isSecret(name) ? `${open}${name}${colon}"${REDACTED}"` : all,
    );

  /** `Authorization: …`, `password=…` in running text. */
  const pairs = (text: string): string =>
    text.replace(
      /\b([A-Za-z][\w-]{1,40})(\s{0,3}[:=]\s{0,3})((?:Bearer |Basic )?[^\s,;&"'<>]+)/g,
      (all, name: string, sign: string, value: string) =>
        isSecret(name) && !value.startsWith(REDACTED) && !value.startsWith('[')
          ? `${name}${sign}${REDACTED}`
          : all,
    );

  const text = (value: string): string =>
    pairs(
      fields(
        value
          .replace(/\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>]+/gi, url)
          .replace(/\b(Bearer|Basic)\s+[\w~+/.=-]+/gi, `$1 ${REDACTED}`)
          .replace(/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, REDACTED),
      ),
    );

  const json = (value: unknown, depth = 0): unknown => {
    if (typeof value === 'string') return text(value);
    if (value === null || typeof value !== 'object') return value;
    if (depth >= MAX_DEPTH) return '…';
    if (Array.isArray(value)) return value.map((item) => json(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, isSecret(name) ? REDACTED : json(item, depth + 1)]),
    );
  };

  const body = (value: string): string => {
    const form = /^[\w.%+-]+=[^\s]*$/.test(value.slice(0, 200)) ? parameters(value) : value;
    return text(form);
  };

  return {
    text,
    url,
    body,
    json: (value) => json(value),
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, isSecret(name) ? REDACTED : text(value)]),
      ),
  };
}

function withoutUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]{0,20}:\/\/)[^/?#@\s]+@/i, `$1${REDACTED}@`);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

export const defaultRedactor: Redactor = createRedactor();
