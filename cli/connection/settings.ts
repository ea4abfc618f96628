import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import {
  type ClientConfigProfile,
  type ClientConnectConfig,
  loadClientConfigProfile,
  toClientOptions,
} from '@temporalio/envconfig';
import { UsageError } from '../exit-codes.js';
import type { CodecSettings } from './codec-server.js';
import { type ExtraSettings, extrasOfEnvironment, extrasOfFile } from './extra-settings.js';
import type { GlobalFlags } from './flags.js';
import type { Sourced } from './sourced.js';
import { tlsOf, tlsText } from './tls-settings.js';

export interface ConnectionSettings {
  readonly address: Sourced;
  readonly namespace: Sourced;
  readonly tls: Sourced;
  readonly apiKey?: Sourced;
  readonly identity: string;
  readonly connectTimeoutMs: number;
  readonly connectionOptions: ClientConnectConfig['connectionOptions'];
  /** Whoever answers is trusted. */
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
  const profile: ClientConfigProfile = {
    ...loaded,
    address: flags.address || loaded.address || 'localhost:7233',
    namespace: flags.namespace || loaded.namespace || 'default',
    apiKey: flags.apiKey ?? loaded.apiKey,
    grpcMeta: { ...loaded.grpcMeta, ...pairs('--grpc-meta', flags.grpcMeta) },
    tls: tlsOf(flags, loaded.tls),
  };
  const { connectionOptions } = toOptions(profile);
  const [envExtras, fileExtras] = [extrasOfEnvironment(flags, env), extrasOfFile(flags, env)];
  const trustsAnyCertificate =
    Boolean(connectionOptions.tls) &&
    (flags.tlsDisableHostVerification ??
      envExtras.disableHostVerification ??
      fileExtras.disableHostVerification ??
      false);
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
    codec: codecOf(flags, envExtras, fileExtras, source),
  };
}

function load(flags: Partial<GlobalFlags>, env: Environment): ClientConfigProfile {
  if (flags.disableConfigFile && flags.disableConfigEnv) return {};
  if (flags.configFile !== undefined && !flags.disableConfigFile && !existsSync(flags.configFile)) {
    throw new UsageError(`--config-file: there is no file ${flags.configFile}`);
  }
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  try {
    return loadClientConfigProfile({
      profile: flags.profile,
      configSource: flags.configFile === undefined ? undefined : { path: flags.configFile },
      disableFile: flags.disableConfigFile,
      disableEnv: flags.disableConfigEnv,
      overrideEnvVars,
    });
  } catch (error) {
    // A config file without any profile: as if there were none.
    if (error instanceof TypeError && flags.profile === undefined)
      return load({ ...flags, disableConfigFile: true }, env);
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

function toOptions(profile: ClientConfigProfile): ClientConnectConfig {
  if ((profile.tls?.clientCert === undefined) !== (profile.tls?.clientKey === undefined)) {
    throw new UsageError(
      'TLS: a client certificate and its private key belong together: give both --tls-cert-path and --tls-key-path (or neither)',
    );
  }
  try {
    return toClientOptions(profile);
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
  byEnv: ExtraSettings,
  byFile: ExtraSettings,
  source: ReturnType<typeof sources>,
): CodecSettings | undefined {
  const value = flags.codecEndpoint || byEnv.codecEndpoint || byFile.codecEndpoint;
  if (!value) return undefined;
  return {
    endpoint: {
      value,
      source: source(
        '--codec-endpoint',
        'TEMPORAL_CODEC_ENDPOINT',
        flags.codecEndpoint,
        byFile.codecEndpoint,
      ),
    },
    auth: flags.codecAuth ?? byEnv.codecAuth ?? byFile.codecAuth,
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
