// Secrets that no name of a field gives away, and texts of real services in which nothing is to be taken for one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiLinkerError, defaultRedactor, REDACTED } from '../../common/errors/index.js';
import { describeUnchanged } from './unchanged.js';

const { text, body, json } = defaultRedactor;

/** Made up, and never as one literal: scanners of repositories would take them for real. */
const mixed = (length: number) => 'aB3xK9mQ7zT1wE5rY8uP2sD6fG4hJ0lN'.repeat(4).slice(0, length);
const hex = (length: number) => '3fa9c1e07b5d8246'.repeat(10).slice(0, length);
const token = (prefix: string, length = 36) => prefix + mixed(length);
const uuid = '3fa9c1e0-7b5d-4246-9fa9-c1e07b5d8246';

const TOKENS: readonly string[] = [
  ...[
    token('ghp_'),
    token('gho_'),
    token('github_pat_', 82),
    token('glpat-', 20),
    token('gldt-', 20),
    token('npm_'),
  ],
  ...[
    token('hf_', 34),
    token('pypi-AgEIcHlwaS5vcmc', 60),
    `${token('SG.', 22)}.${mixed(43)}`,
    token('AIza', 35),
  ],
  ...[
    token('ya29.', 60),
    token('GOCSPX-', 28),
    token('1//0', 40),
    token('whsec_', 32),
    token('sk_live_', 24),
  ],
  ...[
    token('rk_test_', 24),
    token('sk-ant-api03-', 93),
    token('sk-proj-', 74),
    token('gsk_', 52),
    token('xapp-1-', 60),
  ],
  ...[token('xoxb-', 50), `123456789:AA${mixed(33)}`, `bot123456789:AA${mixed(33)}`, token('dop_v1_', 64)],
  ...[`shpat_${hex(32)}`, token('ntn_', 46), token('lin_api_', 40), `dapi${hex(32)}`, token('hvs.', 95)],
  ...[`xkeysib-${hex(64)}-${mixed(16)}`, token('glsa_', 32), token('sntrys_', 50), token('dckr_pat_', 27)],
  ...[`MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.${mixed(27)}`, `abc8Q~${mixed(34)}`, `SK${hex(32)}`, `key-${hex(32)}`],
  ...[token('r8_', 37), token('figd_', 40), token('sbp_', 40), token('re_AbCd1234_', 24), `pat-na1-${uuid}`],
  ...[
    `access-sandbox-${uuid}`,
    token('ATATT3x', 80),
    token('PMAK-', 59),
    `EAAG${mixed(120)}`,
    token('sq0atp-', 22),
  ],
];

const LINKS: readonly (readonly [text: string, secret: string])[] = [
  [`https://hooks.slack.com/services/T000/B000/${mixed(24)}`, mixed(24)],
  [`https://hooks.slack.com/workflows/T000/A000/123/${mixed(24)}`, mixed(24)],
  [`{"url":"https:\\/\\/hooks.slack.com\\/services\\/T000\\/B000\\/${mixed(24)}"}`, mixed(24)],
  [`https://discord.com/api/webhooks/123456789012345678/${mixed(68)}`, mixed(68)],
  [`https://acme.webhook.office.com/webhookb2/${uuid}@${uuid}/IncomingWebhook/${hex(32)}/${uuid}`, hex(32)],
  [`https://hooks.zapier.com/hooks/catch/12345/ab12cd/`, 'ab12cd'],
  [`https://maker.ifttt.com/trigger/x/with/key/${mixed(22)}`, mixed(22)],
  [`https://hook.eu1.make.com/${mixed(32)}`, mixed(32)],
  [`https://api.telegram.org/bot123456789:AA${mixed(33)}/sendMessage`, mixed(33)],
  [`https://open.feishu.cn/open-apis/bot/v2/hook/${uuid}`, uuid],
  [`https://hooks.example.com/abc/${hex(32)}`, hex(32)],
  ['https://ex.example/magic/eJwlzEEKgDAMBMC', 'eJwlzEEKgDAMBMC'],
  [`https://chat.example/hooks/${mixed(26)}`, mixed(26)],
  [`https://app.example/reset-password/${mixed(40)}`, mixed(40)],
  [`https://app.example/users/password/reset/${hex(40)}?lang=de`, hex(40)],
  [`https://app.example/auth/magic-link/${mixed(30)}`, mixed(30)],
  [`https://app.example/verify-email/${mixed(32)}/done`, mixed(32)],
  [`https://app.example/invite/${mixed(20)}`, mixed(20)],
  [`https://app.example/reset?t=${mixed(30)}`, mixed(30)],
  [`https://app.example/__/auth/action?mode=resetPassword&oobCode=${mixed(40)}`, mixed(40)],
  [`GET /api/v1/token/${mixed(32)}/items failed`, mixed(32)],
  [`https://api.example/key/${hex(32)}/forecast`, hex(32)],
];

const PROSE: readonly (readonly [text: string, secret: string])[] = [
  ['The password is hunter2', 'hunter2'],
  ['invalid password "hunter2"', 'hunter2'],
  ['secret key: wJalrXUtnFEMI/K7MDENG', 'wJalr'],
  ['비밀번호는 abc1234 입니다', 'abc1234'],
  ['Sicherheitscode 123', '123'],
  ['Your new password is: Tr0ub4dor&3.', 'Tr0ub4dor'],
  ["login failed: the password is 'correct horse battery'", 'correct horse'],
  ['password is swordfish.', 'swordfish'],
  ['Das Passwort lautet Geheim2024', 'Geheim2024'],
  ['Le mot de passe est Soleil75!', 'Soleil75'],
  ['La contraseña es Gato2020', 'Gato2020'],
  ['contraseña: Gato2020', 'Gato2020'],
  ['A senha é Abacate9', 'Abacate9'],
  ['Het wachtwoord is Fiets123', 'Fiets123'],
  ['Пароль: Zima2024', 'Zima2024'],
  ['密码是Abc12345', 'Abc12345'],
  ['パスワードはHana2024です', 'Hana2024'],
  ['Your verification code is 482913', '482913'],
  ['PIN 4821 was used', '4821'],
  ['mysql: connect with --password hunter2 failed', 'hunter2'],
  ['ran: deploy --token=abc123def --env prod', 'abc123def'],
  ['ran: tool --api-key "abc 123" x', 'abc 123'],
  ['curl -u admin:hunter2 https://h/', 'hunter2'],
  ['curl -sS --user "admin:hunter2" https://h/', 'hunter2'],
  ['mysql -u root -phunter2 db', 'hunter2'],
  ['sshpass -p hunter2 ssh h', 'hunter2'],
  ['docker login -u a -p hunter2 r.example', 'hunter2'],
  [`x-hub-signature-256: sha256=${hex(64)}`, hex(64)],
  [`stripe-signature: t=1492774577,v1=${hex(64)}`, hex(64)],
  [`X-Shopify-Hmac-Sha256: ${mixed(43)}=`, mixed(43)],
  [`authorization: HMAC-SHA256 key="a", signature="${mixed(32)}"`, mixed(32)],
];

const PERSONAL: readonly (readonly [text: string, secret: string])[] = [
  ['card 4111 1111 1111 1111 exp 12/29 CVV 123', '4111 1111 1111 1111'],
  ['card 4111 1111 1111 1111 exp 12/29 CVV 123', '123'],
  ['{"number":"5555555555554444","cvc":"314"}', '5555555555554444'],
  ['{"number":"5555555555554444","cvc":"314"}', '314'],
  ['amex 3782-822463-10005 declined', '822463'],
  ['{"n":4111111111111111}', '4111111111111111'],
  ['IBAN DE89 3704 0044 0532 0130 00 is closed', '3704 0044'],
  ['iban=GB82WEST12345698765432', 'GB82WEST12345698765432'],
  ['to FR1420041010050500013M02606 AND MORE', 'FR1420041010050500013M02606'],
  ['ssn 078-05-1120 not found', '078-05-1120'],
  ['customer 219-09-9999', '219-09-9999'],
];

describe('a secret is recognised by its form', () => {
  for (const [i, secret] of TOKENS.entries()) {
    test(`token ${i}: ${secret.slice(0, 8)}…`, () => {
      for (const planted of [
        secret,
        `invalid token ${secret}, try again`,
        `{"m":"${secret}"}`,
        `https://h/${secret}/x`,
      ]) {
        const redacted = body(planted);
        assert.ok(!redacted.includes(secret.slice(-12)), redacted);
        assert.equal(body(redacted), redacted);
      }
    });
  }
  for (const [planted, secret] of [...LINKS, ...PROSE, ...PERSONAL]) {
    test(planted.slice(0, 60), () => {
      for (const redact of [text, body, (value: string) => (json({ m: value }) as { m: string }).m]) {
        const redacted = redact(planted);
        assert.ok(!redacted.includes(secret), redacted);
        assert.ok(redacted.includes(REDACTED), redacted);
        assert.equal(redact(redacted), redacted);
      }
      const error = ApiLinkerError.fromException(
        Object.assign(new Error(planted), { response: { status: 400, data: planted } }),
      );
      assert.ok(!JSON.stringify(error).includes(secret));
    });
  }

  test('a card as a number in JSON', () => {
    assert.deepEqual(json({ n: 4111111111111111, id: 4111111111111112 }), {
      n: REDACTED,
      id: 4111111111111112,
    });
  });
});

/** What services say, word for word, in errors that people wrote about in public. */
const HARMLESS: readonly string[] = [
  'The password is required',
  'Password is incorrect.',
  'password is too short (minimum is 8 characters)',
  "Your password isn't strong enough",
  'The provided token is expired.',
  'The access token is invalid or has expired',
  'Invalid API key provided',
  'Incorrect API key provided',
  'The security token included in the request is invalid.',
  'Access token has expired or is not yet valid',
  'No API key provided. Set your API key using "Stripe.apiKey".',
  'password authentication failed for user "app"',
  "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
  'JWT is missing the required claim',
  'Das Passwort ist falsch.',
  'Le mot de passe est incorrect',
  'La contraseña es obligatoria',
  'A senha é obrigatória',
  'pin is required',
  'secret not found',
  'Field "password" "required"',
  'https://docs.example/auth/GettingStartedGuide',
  'https://hooks.example.com/docs/getting-started',
  'Secret "db-credentials" not found in namespace prod',
  'token endpoint returned 400',
  'Unexpected token < in JSON at position 0',
  'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
  'No such customer: cus_9s6XKzkNRiz8i3',
  'No such payment_intent: pi_3MtwBwLkdIwHu7ix28a3tqPa',
  'req_7nBvTUcKqPRvkh; see https://dashboard.stripe.com/test/logs/req_7nBvTUcKqPRvkh',
  'User: arn:aws:iam::123456789012:user/dev is not authorized to perform: s3:GetObject',
  'The request signature we calculated does not match the signature you provided.',
  'Rate limit exceeded, retry after 1700000000',
  'RequestId: 4442587FB7D0A2F9, HostId: x',
  'trace 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'commit 3fa9c1e07b5d82463fa9c1e07b5d82463fa9c1e0',
  'image sha256:3fa9c1e07b5d82463fa9c1e07b5d82463fa9c1e07b5d82463fa9c1e07b5d8246',
  'https://api.github.com/repos/octocat/Hello-World/issues/1347',
  'https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting',
  `https://api.example.com/v1/users/${uuid}/orders/8a6e0804-2bd0-4672-b79d-d97027f9071a`,
  'https://na1.salesforce.com/services/data/v58.0/sobjects/Account/001D000000IRFmaIAH',
  'https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit',
  'https://www.googleapis.com/auth/drive.readonly is required',
  'https://login.microsoftonline.com/common/oauth2/v2.0/token responded with 400',
  'https://app.example/reset-password/expired',
  'https://app.example/verify/email/settings',
  'https://app.example/login?next=/home&utm_source=newsletter',
  'POST https://hooks.slack.com/services returned 404',
  'POST /webhooks/stripe/events failed',
  'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.',
  'Order 4111111111111112 not found',
  'id 1234567890123456, run 1700000000000000, span 6227101735928341',
  'Timestamp 20260101120000, version 2026.1.12345678901234',
  'phone 555-123-4567, order 123-45-678, zip 12345-6789',
  'ISBN 978-3-16-148410-0',
  'Reference DE12345678901234567890 unknown',
  'at processTicksAndRejections (node:internal/process/task_queues:95:5)',
  'at async Object.fetchToken (/app/node_modules/auth/dist/index.js:10:15)',
  'duplicate key value violates unique constraint "users_email_key"',
  'Key (email)=(a@b.example) already exists.',
  'git push -u origin main failed',
  'tar -xzf a.tgz --strip-components 1',
  'node --max-old-space-size=4096 dist/main.js --port 3000',
  'curl -u is deprecated',
  'Error code is 40001, status is 500',
  'Verification code is required',
  'the pin board is full, the token bucket is empty',
  'max_tokens is too large: 5000. This model supports at most 4096 completion tokens.',
  'API key is missing; see the key management page',
];

describeUnchanged('what real services say comes through as it is', HARMLESS);
