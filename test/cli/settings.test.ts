import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { connectionSettings } from '../../cli/connection/settings.js';
import { uiAddress } from '../../cli/ui-address.js';

const folder = mkdtempSync(join(tmpdir(), 'cli-settings-'));
const configFile = join(folder, 'temporal.toml');
writeFileSync(
  configFile,
  '[profile.default]\naddress = "file:1"\nnamespace = "by-file"\n[profile.other]\naddress = "other:1"\n',
);
const nothing = { TEMPORAL_CONFIG_FILE: join(folder, 'none.toml') };

describe('connection settings', () => {
  after(() => rmSync(folder, { recursive: true }));

  test('are flag, then environment, then profile, then default, and say which', () => {
    const env = { TEMPORAL_CONFIG_FILE: configFile, TEMPORAL_NAMESPACE: 'by-env' };
    const { address, namespace, tls } = connectionSettings({ address: 'flag:1' }, env);
    assert.deepEqual(address, { value: 'flag:1', source: 'flag --address' });
    assert.deepEqual(namespace, { value: 'by-env', source: 'environment TEMPORAL_NAMESPACE' });
    assert.deepEqual(tls, { value: 'off', source: 'default' });
    const byFile = connectionSettings({ configFile, profile: 'other' }, {});
    assert.deepEqual(byFile.address, { value: 'other:1', source: `profile "other" of ${configFile}` });
    assert.deepEqual(byFile.namespace, { value: 'default', source: 'default' });
    assert.equal(connectionSettings({}, nothing).address.value, 'localhost:7233');
    const noEnv = connectionSettings({ configFile, disableConfigEnv: true }, env);
    assert.equal(noEnv.namespace.value, 'by-file');
  });

  test('TLS is on with an API key or TLS flags, and off when it is said so', () => {
    assert.equal(connectionSettings({ apiKey: 'k' }, nothing).tls.value, 'on');
    assert.equal(connectionSettings({ tlsServerName: 'x' }, nothing).tls.value, 'on (server name x)');
    assert.equal(connectionSettings({ tls: true }, nothing).tls.value, 'on');
    assert.equal(connectionSettings({ apiKey: 'k', tls: false }, nothing).tls.value, 'off');
    assert.equal(
      connectionSettings({}, { ...nothing, TEMPORAL_TLS: 'true' }).tls.source,
      'environment TEMPORAL_TLS*',
    );
  });

  test('a codec server and whom to trust: flag, then environment, then profile', () => {
    const file = join(folder, 'extras.toml');
    writeFileSync(
      file,
      '[profile.default.codec]\nendpoint = "http://file"\nauth = "by-file"\n[profile.default.tls]\ndisable_host_verification = true\n',
    );
    const env = { TEMPORAL_CONFIG_FILE: file };
    const byFile = connectionSettings({}, env);
    assert.deepEqual(byFile.codec, {
      endpoint: { value: 'http://file', source: `profile "default" of ${file}` },
      auth: 'by-file',
      headers: {},
    });
    assert.equal(byFile.tls.value, 'on (any certificate)');
    const byEnv = connectionSettings({}, { ...env, TEMPORAL_CODEC_ENDPOINT: 'http://env' });
    assert.deepEqual(byEnv.codec?.endpoint, {
      value: 'http://env',
      source: 'environment TEMPORAL_CODEC_ENDPOINT',
    });
    const byFlag = connectionSettings(
      { codecEndpoint: 'http://flag', codecAuth: 'a', codecHeader: ['X-Team=crm'] },
      env,
    );
    assert.deepEqual(byFlag.codec, {
      endpoint: { value: 'http://flag', source: 'flag --codec-endpoint' },
      auth: 'a',
      headers: { 'x-team': 'crm' },
    });
    assert.equal(
      connectionSettings({}, { ...env, TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'false' })
        .trustsAnyCertificate,
      false,
    );
    assert.equal(connectionSettings({ tls: false }, env).trustsAnyCertificate, false);
    assert.equal(connectionSettings({}, nothing).codec, undefined);
    assert.equal(
      connectionSettings({ tlsDisableHostVerification: true }, nothing).tls.value,
      'on (any certificate)',
    );
  });

  test('the API key itself is never in the output', () => {
    const settings = connectionSettings({ apiKey: 'very-secret' }, nothing);
    assert.deepEqual(settings.apiKey, { value: 'given', source: 'flag --api-key' });
  });

  test('a config file without profiles is as none', () => {
    const empty = join(folder, 'empty.toml');
    writeFileSync(empty, '');
    const env = { TEMPORAL_CONFIG_FILE: empty, TEMPORAL_ADDRESS: '' };
    assert.deepEqual(connectionSettings({}, env).address, { value: 'localhost:7233', source: 'default' });
  });

  test('what cannot be used is refused with the fix', () => {
    assert.throws(
      () => connectionSettings({ configFile: '/none.toml' }, {}),
      /--config-file: there is no file/,
    );
    assert.throws(
      () => connectionSettings({ configFile, profile: 'absent' }, {}),
      /Profile 'absent' not found/,
    );
    assert.throws(
      () => connectionSettings({ tlsCertPath: configFile }, nothing),
      /--tls-cert-path and --tls-key-path/,
    );
    assert.throws(
      () => connectionSettings({ codecEndpoint: 'http://c', codecHeader: ['x'] }, nothing),
      /--codec-header must be KEY=VALUE; got "x"/,
    );
    assert.throws(
      () => connectionSettings({ grpcMeta: ['x'] }, nothing),
      /--grpc-meta must be KEY=VALUE; got "x"/,
    );
  });
});

test('the UI of Temporal Cloud is known, others are given', () => {
  assert.equal(uiAddress('http://ui/', 'localhost:7233'), 'http://ui');
  assert.equal(uiAddress(undefined, 'ns.a1.tmprl.cloud:7233', {}), 'https://cloud.temporal.io');
  assert.throws(() => uiAddress('ui', 'x'), /--ui-address must begin with http/);
});
