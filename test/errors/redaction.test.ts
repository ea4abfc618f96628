import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { ApiLinkerError, createRedactor, defaultRedactor, REDACTED } from '../../common/errors/index.js';

const { text, url, body, json, headers } = defaultRedactor;

/** Nothing a rule would take for something else: no delimiters, no scheme words. */
const secrets = fc
  .array(fc.constantFrom(...'ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz0123456789_-.~+/'), {
    minLength: 8,
    maxLength: 40,
  })
  .map((characters) => `Zq9${characters.join('')}`);
const urlSafe = secrets.map((secret) => encodeURIComponent(secret));

const FIELDS = [
  'password',
  'passwd',
  'secret',
  'token',
  'access_token',
  'refreshToken',
  'id-token',
  'api_key',
];
const MORE_FIELDS = [
  'apiKey',
  'Authorization',
  'client_secret',
  'private_key',
  'credential',
  'credentials',
  'session',
];
const fields = fc.constantFrom(...FIELDS, ...MORE_FIELDS);
const PARAMETERS = [
  'token',
  'access_token',
  'api_key',
  'apikey',
  'key',
  'sig',
  'signature',
  'password',
  'secret',
];
const MORE_PARAMETERS = [
  'code',
  'client_secret',
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
];
const parameters = fc.constantFrom(...PARAMETERS, ...MORE_PARAMETERS);
const HEADERS = ['authorization', 'Proxy-Authorization', 'cookie', 'Set-Cookie', 'x-api-key', 'API-Key'];
const names = fc.constantFrom(...HEADERS);
/** Something harmless beside it, which may be anything. */
const beside = fc.string({ maxLength: 30 });

type Plant = readonly [what: string, planted: fc.Arbitrary<readonly [secret: string, planted: string]>];

const plant = <T extends unknown[]>(
  secret: fc.Arbitrary<string>,
  parts: { [K in keyof T]: fc.Arbitrary<T[K]> },
  make: (secret: string, ...parts: T) => string,
) =>
  fc.tuple(secret, fc.tuple(...parts)).map(([value, each]) => [value, make(value, ...(each as T))] as const);

const PLANTS: readonly Plant[] = [
  [
    'a bearer token',
    plant(secrets, [fc.constantFrom('Bearer', 'bearer', 'Basic')], (s, scheme) => `sent ${scheme} ${s} to`),
  ],
  ['a header in text', plant(secrets, [names], (s, name) => `got\n${name}: ${s}\nhost: h`)],
  ['a cookie of several', plant(secrets, [], (s) => `Cookie: theme=dark; id=${s}; x=y\nhost: h`)],
  [
    'user and password of a URL',
    plant(urlSafe, [beside], (s, b) => `at https://user:${s}@h.example/p?q=1 ${b}`),
  ],
  ['the user alone', plant(urlSafe, [], (s) => `redis://${s}@h:6379`)],
  ['a password with slashes', plant(secrets, [], (s) => `postgres://app:x${s}/${s}@h/db`)],
  [
    'a parameter of a URL',
    plant(urlSafe, [parameters], (s, name) => `GET https://h/p?a=1&${name}=${s}&b=2 failed`),
  ],
  ['the fragment of a URL', plant(urlSafe, [], (s) => `https://h/cb#access_token=${s}&state=1`)],
  ['a URL in a URL', plant(urlSafe, [], (s) => `https://h/?to=https%3A%2F%2Fi%2F%3Ftoken%3D${s}%26a%3D1`)],
  [
    'a field of JSON',
    plant(secrets, [fields, beside], (s, name, b) => JSON.stringify({ b, [name]: s, c: b })),
  ],
  [
    'a nested field',
    plant(secrets, [fields], (s, name) => JSON.stringify({ a: [{ [name]: { x: [s], y: 1 } }] })),
  ],
  [
    'JSON in JSON',
    plant(secrets, [fields], (s, name) =>
      JSON.stringify({ m: JSON.stringify({ m: JSON.stringify({ [name]: s }) }) }),
    ),
  ],
  ['JSON that was cut', plant(secrets, [fields], (s, name) => `{"a":{"${name}" : "${s}`)],
  ['spread JSON', plant(secrets, [fields], (s, name) => JSON.stringify({ a: 1, [name]: s }, null, 2))],
  ['an inspected object', plant(secrets, [fields], (s, name) => inspect({ a: 1, [name]: s }))],
  ['a form', plant(urlSafe, [parameters], (s, name) => `${name}=${s}&user=u`)],
  ['a form with brackets', plant(urlSafe, [], (s) => `user%5Bpassword%5D=${s}&user[api_key]=${s}`)],
  ['an assignment', plant(secrets, [fields], (s, name) => `with ${name} = ${s} and so on`)],
  ['an environment', plant(secrets, [], (s) => `AWS_SECRET_ACCESS_KEY=${s}\nGITHUB_TOKEN=${s}`)],
  ['a connection string', plant(secrets, [], (s) => `Server=h;Database=d;Password=${s};User=u`)],
  ['XML', plant(secrets, [], (s) => `<soap:Body><ns:Password type="text">${s}</ns:Password></soap:Body>`)],
  [
    'multipart',
    plant(secrets, [], (s) => `--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n${s}\r\n--b--`),
  ],
  [
    'a digest',
    plant(secrets, [], (s) => `authorization: Digest username="u", response="${s}", nonce="${s}"\nhost: h`),
  ],
  [
    'a token of JWT form',
    plant(
      secrets,
      [],
      (s) => `is eyJhbGciOiJIUzI1NiJ9.eyJz${s.replace(/[^\w-]/g, '')}.abc_${s.replace(/[^\w-]/g, '')} ok`,
    ),
  ],
  ['a private key', plant(secrets, [], (s) => `-----BEGIN RSA PRIVATE KEY-----\n${s}\n${s}\n`)],
];

describe('a planted secret never comes through', () => {
  for (const [what, planted] of PLANTS) {
    test(what, () => {
      fc.assert(
        fc.property(planted, ([secret, value]) => {
          for (const redact of [text, url, body]) {
            const once = redact(value);
            assert.ok(!once.includes(secret), `${value}\n→ ${once}`);
            assert.equal(redact(once), once);
          }
          const thrown = Object.assign(new Error(value), {
            response: { status: 400, data: value, headers: {} },
            config: { url: value, headers: { authorization: value } },
          });
          const error = ApiLinkerError.fromException(thrown, { additionalContext: { value } });
          const shown = JSON.stringify(error) + String(error) + error.stack;
          assert.ok(!shown.includes(secret), shown);
        }),
        { numRuns: 100 },
      );
    });
  }

  test('values in objects, pairs and named values', () => {
    fc.assert(
      fc.property(secrets, fields, (secret, name) => {
        const value = { a: { [name]: secret }, list: [[name, secret]], items: [{ name, value: secret }] };
        assert.ok(!JSON.stringify(json(value)).includes(secret));
        assert.ok(!JSON.stringify(headers({ [name]: secret, other: `Bearer ${secret}` })).includes(secret));
        const error = ApiLinkerError.fromException({ status: 400, response: { data: value } });
        assert.ok(!JSON.stringify(error).includes(secret));
      }),
    );
  });

  test('also where the text is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 7_900, max: 8_100 }), secrets, (length, secret) => {
        const value = `${'eyJ'.padEnd(length - 20, 'a')} {"password":"${secret}"}`;
        const error = ApiLinkerError.fromException({ response: { data: value } });
        assert.ok(!JSON.stringify(error).includes(secret.slice(0, 8)));
      }),
    );
  });
});

describe('what is no secret stays', () => {
  for (const value of [
    'Request failed with status code 503',
    'connect ECONNREFUSED 127.0.0.1:5432',
    'https://api.example.com:8443/v1/items/@me?page=2&status=open&email=a@b.example',
    'at Object.<anonymous> (file:///app/dist/main.js:10:15)',
    '{"next_page_token":"abc","total_tokens":12,"id":12345678901234567890,"v":1.0}',
    '{"password":null,"session":false}',
    'Bearer token is missing',
    'Basic authentication required',
    'code: 42, key: value',
    'the secretary met at 12:30',
  ]) {
    test(value, () => {
      for (const redact of [text, url, body]) assert.equal(redact(value), value);
    });
  }

  test('numbers keep their digits, and the form of JSON is kept', () => {
    const value = '{ "id": 12345678901234567890, "token": "x", "a": {"pin": 1234} }';
    assert.equal(
      body(value),
      `{ "id": 12345678901234567890, "token": "${REDACTED}", "a": {"pin": "${REDACTED}"} }`,
    );
  });
});

test('names of the user: in any spelling, or as a pattern', () => {
  const own = createRedactor({ keys: ['tax-id', /^x-internal-/g] });
  assert.deepEqual(
    own.json({ taxId: 'a', TAX_ID: 'b', 'x-internal-user': 'c', 'x-internal-id': 'd', other: 'e' }),
    {
      taxId: REDACTED,
      TAX_ID: REDACTED,
      'x-internal-user': REDACTED,
      'x-internal-id': REDACTED,
      other: 'e',
    },
  );
  assert.equal(own.url('https://h/?tax_id=1&a=2'), `https://h/?tax_id=${REDACTED}&a=2`);
  assert.equal(own.text('password=x tax-id: y'), `password=${REDACTED} tax-id: ${REDACTED}`);
});

test('a cyclic, deep or throwing value becomes a plain one', () => {
  const cyclic: Record<string, unknown> = { big: 10n, when: new Date(0), call: () => {} };
  cyclic.self = cyclic;
  Object.defineProperty(cyclic, 'trap', { enumerable: true, get: () => assert.fail('trap') });
  assert.doesNotThrow(() => JSON.stringify(json(cyclic)));
});

test('is idempotent for whatever text', () => {
  const piece = fc.constantFrom(
    ...[
      'token',
      'password',
      'Bearer',
      'Basic',
      'authorization',
      'cookie',
      'eyJhbGciOiJIUzI1NiJ9',
      'x',
      'http',
      'Digest',
      'password is ',
      '--password ',
      'curl -u a:',
      '/reset/',
      'a1B2c3D4e5F6',
      '4111111111111111',
      'sha256=',
      'ghp_',
      'aB3xK9mQ7zT1wE5rY8',
      'DE89370400440532013000',
    ],
    ...[
      ':',
      '=',
      '"',
      "'",
      '\\',
      '\\"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ';',
      '&',
      '?',
      '#',
      '@',
      '://',
      '/',
      ' ',
      '\n',
      '<',
      '>',
      '%3A%2F%2F',
      '%40',
    ],
    REDACTED,
  );
  const anyText = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(anyText, (value) => {
      for (const redact of [text, url, body]) assert.equal(redact(redact(value)), redact(value));
    }),
    { numRuns: 5_000 },
  );
});

describe('a megabyte takes no more time than its length', () => {
  const UNITS = [
    'a',
    '"',
    '\\',
    '\\"',
    'eyJ',
    '://',
    '://a:b',
    '://a:',
    '?a=',
    '&',
    '<a ',
    '<a>',
    'name="a"',
    'Bearer ',
    'token=',
    'token="',
    '"token":',
    '"token":[',
    '"token":"',
    '{',
    '%3F',
    '%3A%2F%2F',
    '-----BEGIN PRIVATE KEY-----',
    'cookie: ',
    'a.',
    'a-',
    '@',
    ' ',
    'authorization: Digest ',
    'Basic\t',
    'a:',
    "'",
    '`',
    'sk-',
    'AKIA',
    '/reset/',
    '/reset/a1B2c3D4e5',
    '?t=a1B2c3D4e5F6g7H8',
    'password is ',
    'password ',
    '密码',
    '4111 ',
    '4',
    '1-',
    'DE89 3704 ',
    'DE',
    '--a ',
    '--password ',
    'curl ',
    'curl -u ',
    'mysql -p ',
    'sha256=',
    'ghp_a',
    'x.y.z.',
    'hooks.slack.com/services/',
    '123-45-6789 ',
    'A1',
    'T8Q~',
  ];
  for (const unit of UNITS) {
    test(JSON.stringify(unit), () => {
      const value = unit.repeat(Math.ceil(1_000_000 / unit.length));
      for (const redact of [text, body]) {
        // Of this process: what others do at the same time takes none of it.
        const before = process.cpuUsage();
        redact(value);
        const { user, system } = process.cpuUsage(before);
        const took = (user + system) / 1_000;
        assert.ok(took < 3_000, `${took} ms`);
      }
    });
  }
});
