import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { UsageError } from '../exit-codes.js';
import type { CodecSettings } from './codec-server.js';
import type { GlobalFlags } from './flags.js';

import { connectionOptionsOf, loadProfile, type Profile } from './profile.js';
import type { Sourced } from './sourced.js';

import { tlsOf, tlsText } from './tls-settings.js';

export interface ConnectionSettings {
  readonly address: Sourced;
  readonly namespace: Sourced;
  readonly tls: Sourced;
  readonly apiKey?: Sourced;
  readonly identity: string;
  readonly connectTimeoutMs: number;
  readonly connectionOptions: NativeConnectionOptions;
  /** Any server is trusted. */
  readonly trustsAnyCertificate: boolean;
  readonly codec?: CodecSettings;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

/** Flag, then environment, then profile, then default. @throws UsageError */
export function connectionSettings(
  flags: Partial<GlobalFlags>,
  env: Environment = process.env,
): ConnectionSettings {
  const loaded = load(flags, env);
  const fromFile = flags.disableConfigFile ? {} : load({ ...flags, disableConfigEnv: true }, env);
  const source = sources(flags, env);
  const address = source('--address', 'TEMPORAL_ADDRESS', flags.address, fromFile.address);
  const namespace = source('--namespace', 'TEMPORAL_NAMESPACE', flags.namespace, fromFile.namespace);
  const apiKey = source('--api-key', 'TEMPORAL_API_KEY', flags.apiKey, fromFile.apiKey);
  const profile: Profile = {
    ...loaded,
    address: flags.address || loaded.address || 'localhost:7233',
    namespace: flags.namespace || loaded.namespace || 'default',
    apiKey: flags.apiKey ?? loaded.apiKey,
    grpcMeta: { ...loaded.grpcMeta, ...pairs('--grpc-meta', flags.grpcMeta) },
    tls: tlsOf(flags, loaded.tls),
  };
  const connectionOptions = toOptions(profile);
  const trustsAnyCertificate =
    Boolean(connectionOptions.tls) &&
    (flags.tlsDisableHostVerification ?? loaded.tls?.disableHostVerification ?? false);
  const tlsFlag = Object.keys(flags).some((name) => name.startsWith('tls'));
  const tlsSource = tlsFlag
    ? 'flag'
    : Object.keys(env).some((name) => name.startsWith('TEMPORAL_TLS')) && !flags.disableConfigEnv
      ? 'environment TEMPORAL_TLS*'
      : fromFile.tls !== undefined
        ? profileName(flags, env)
        : profile.apiKey !== undefined
          ? 'because there is an API key'
          : 'default';
  return {
    address: { value: profile.address ?? '', source: address },
    namespace: { value: profile.namespace ?? '', source: namespace },
    tls: { value: tlsText(connectionOptions.tls, trustsAnyCertificate), source: tlsSource },
    apiKey: profile.apiKey === undefined ? undefined : { value: 'given', source: apiKey },
    identity: flags.identity ?? defaultIdentity(),
    connectTimeoutMs: flags.clientConnectTimeout ?? DEFAULT_CONNECT_TIMEOUT_MS,
    connectionOptions,
    trustsAnyCertificate,
    codec: codecOf(flags, loaded.codec, fromFile.codec, source),
  };
}

function load(flags: Partial<GlobalFlags>, env: Environment): Profile {
  if (flags.disableConfigFile && flags.disableConfigEnv) return {};
  if (flags.configFile !== undefined && !flags.disableConfigFile && !existsSync(flags.configFile)) {
    throw new UsageError(`--config-file: there is no file ${flags.configFile}`);
  }
  const { profile, configFile, disableConfigFile: disableFile, disableConfigEnv: disableEnv } = flags;
  try {
    return loadProfile({ profile, configFile, disableFile, disableEnv }, env);
  } catch (error) {
    throw new UsageError(`${configFileName(flags, env)}: ${(error as Error).message}`, { cause: error });
  }
}

function sources(flags: Partial<GlobalFlags>, env: Environment) {
  return (flag: string, variable: string, byFlag?: string, byFile?: string): string => {
    if (byFlag !== undefined) return `flag ${flag}`;
    if (env[variable] && !flags.disableConfigEnv) return `environment ${variable}`;
    return byFile === undefined ? 'default' : profileName(flags, env);
  };
}

function profileName(flags: Partial<GlobalFlags>, env: Environment): string {
  const name = flags.profile ?? env.TEMPORAL_PROFILE ?? 'default';
  return `profile "${name}" of ${configFileName(flags, env)}`;
}

function configFileName(flags: Partial<GlobalFlags>, env: Environment): string {
  return flags.configFile ?? env.TEMPORAL_CONFIG_FILE ?? 'the config file of the Temporal CLI';
}

function toOptions(profile: Profile): NativeConnectionOptions {
  if ((profile.tls?.clientCert === undefined) !== (profile.tls?.clientKey === undefined)) {
    throw new UsageError(
      'TLS: a client certificate and its private key belong together: give both --tls-cert-path and --tls-key-path (or neither)',
    );
  }
  try {
    return connectionOptionsOf(profile);
  } catch (error) {
    throw new UsageError(`TLS: ${(error as Error).message}`, { cause: error });
  }
}

function pairs(flag: string, given: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at).toLowerCase(), pair.slice(at + 1)];
      throw new UsageError(`${flag} must be KEY=VALUE; got ${JSON.stringify(pair)}`);
    }),
  );
}

function codecOf(
  flags: Partial<GlobalFlags>,
  loaded: Profile['codec'],
  byFile: Profile['codec'],
  source: ReturnType<typeof sources>,
): CodecSettings | undefined {
  const value = flags.codecEndpoint || loaded?.endpoint || byFile?.endpoint;
  if (!value) return undefined;
  return {
    endpoint: {
      value,
      source: source('--codec-endpoint', 'TEMPORAL_CODEC_ENDPOINT', flags.codecEndpoint, byFile?.endpoint),
    },
    auth: flags.codecAuth ?? loaded?.auth,
    headers: pairs('--codec-header', flags.codecHeader),
  };
}

function defaultIdentity(): string {
  let user = 'unknown';
  try {
    user = userInfo().username;
  } catch {
    // No entry for the user, as in some containers.
  }
  return `${user}@${hostname()}`;
}
