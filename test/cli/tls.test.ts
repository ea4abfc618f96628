import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { useHarness } from '../support/harness.js';
import { runCli } from './command-line.js';
import { certificate, type SecureServer, startSecureServer } from './secure-server.js';

describe('the command line and a server with TLS', { concurrency: true }, () => {
  const get = useHarness('cli-tls');
  let server: SecureServer;
  let careful: SecureServer;
  before(async () => {
    const { TEMPORAL_ADDRESS: target = '' } = process.env;
    server = await startSecureServer(target);
    careful = await startSecureServer(target, { wantsCertificate: true });
  });
  after(() => {
    server.close();
    careful.close();
  });

  const list = (to: SecureServer, flags: readonly string[], env: Record<string, string> = {}) =>
    runCli(
      [
        ...['dlq', 'list', '--queue', get().queue, '--address', to.address],
        ...['--client-connect-timeout', '10s', ...flags],
      ],
      { env },
    );
  const trusts = ['--tls-ca-path', certificate('ca.pem'), '--tls-server-name', 'temporal.example'];

  test('its authority and name are checked; an API key is sent', async () => {
    const { code, stdout, stderr } = await list(server, [...trusts, '--api-key', 'k3y']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /No open letters match/);
    assert.ok(server.authorizations.has('Bearer k3y'));
  });

  test('the same by environment variables', async () => {
    const { code, stderr } = await list(server, [], {
      TEMPORAL_TLS: 'true',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificate('ca.pem'),
      TEMPORAL_TLS_SERVER_NAME: 'temporal.example',
    });
    assert.equal(code, 0, stderr);
  });

  test('a server without a trusted certificate is not used, and the error says what was tried', async () => {
    const { code, stderr } = await list(server, ['--tls', '--client-connect-timeout', '3s']);
    assert.equal(code, 3);
    assert.match(stderr, /perhaps the certificate does not fit/);
    assert.match(stderr, /TLS +on +\(flag\)/);
    assert.ok(!stderr.includes('k3y'));
  });

  test('unless any certificate is trusted', async () => {
    const flags = ['--tls-disable-host-verification', '--api-key', 'any-k3y'];
    const { code, stderr } = await list(server, flags);
    assert.equal(code, 0, stderr);
    assert.ok(server.authorizations.has('Bearer any-k3y'));
    const byEnv = await list(server, ['--tls'], { TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: '1' });
    assert.equal(byEnv.code, 0, byEnv.stderr);
    const worker = await runCli(['worker', '--address', server.address, ...flags]);
    assert.equal(worker.code, 2);
    assert.match(worker.stderr, /not supported by the connection of Temporal's TypeScript workers/);
  });

  test('a client certificate lets us in', async () => {
    const own = ['--tls-cert-path', certificate('client.pem'), '--tls-key-path', certificate('client.key')];
    const { code, stderr } = await list(careful, [...trusts, ...own]);
    assert.equal(code, 0, stderr);
    const without = await list(careful, [...trusts, '--client-connect-timeout', '3s']);
    assert.equal(without.code, 3, without.stdout);
    const untrusting = await list(careful, ['--tls-disable-host-verification', ...own]);
    assert.equal(untrusting.code, 0, untrusting.stderr);
  });

  test('a recovery worker connects with the same flags', async () => {
    const wrong = await runCli(['worker', '--address', server.address, '--tls']);
    assert.equal(wrong.code, 3, wrong.stderr);
  });
});
