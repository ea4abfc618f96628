import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { parse } from 'smol-toml';

/**
 * Settings of the Temporal CLI and the SDKs: a profile of a TOML file, and variables of the environment over it.
 * Source: https://docs.temporal.io/develop/environment-configuration
 *
 * `@temporalio/envconfig` reads the same, but depends on exactly its own version of `@temporalio/common`: beside another version
 * of the SDK there would be two.
 */
export interface Profile {
  readonly address?: string;
  readonly namespace?: string;
  readonly apiKey?: string;
  readonly tls?: TlsProfile;
  readonly codec?: { readonly endpoint?: string; readonly auth?: string };
  readonly grpcMeta?: Readonly<Record<string, string>>;
}

export interface TlsProfile {
  readonly disabled?: boolean;
  readonly serverName?: string;
  readonly clientCert?: Source;
  readonly clientKey?: Source;
  readonly serverCACert?: Source;
  readonly disableHostVerification?: boolean;
}

/** Where a certificate or key is. */
export type Source = { readonly path: string } | { readonly data: string };

export interface ProfileOptions {
  /** @default TEMPORAL_PROFILE, or `default` */
  readonly profile?: string;
  /** @default TEMPORAL_CONFIG_FILE, or that of the Temporal CLI */
  readonly configFile?: string;
  readonly disableFile?: boolean;
  readonly disableEnv?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A profile as it is in the file. */
interface Table {
  readonly address?: string;
  readonly namespace?: string;
  readonly api_key?: string;
  readonly tls?: Readonly<Record<string, string | boolean | undefined>>;
  readonly codec?: { readonly endpoint?: string; readonly auth?: string };
  readonly grpc_meta?: Readonly<Record<string, string>>;
}

/** @throws Error for a file that cannot be read, a profile it does not have, and two sources for one certificate */
export function loadProfile(options: ProfileOptions, env: Environment): Profile {
  const file = options.disableFile ? {} : fromFile(options, env);
  const { address, namespace, api_key, tls, codec, grpc_meta }: Table = options.disableEnv
    ? file
    : overlay(file, fromEnvironment(env), env);
  return defined({
    ...{ address, namespace, apiKey: api_key, tls: tls && tlsOfTable(tls), codec },
    grpcMeta:
      grpc_meta &&
      Object.fromEntries(Object.entries(grpc_meta).map(([key, value]) => [headerName(key), value])),
  });
}

/** As the SDK takes them. @throws Error for a certificate that cannot be read */
export function connectionOptionsOf({ address, apiKey, tls, grpcMeta }: Profile): NativeConnectionOptions {
  return {
    address,
    apiKey,
    tls: tlsOptions(tls) ?? (apiKey === undefined ? undefined : true),
    metadata: grpcMeta,
  };
}

function tlsOptions(tls: TlsProfile | undefined): NativeConnectionOptions['tls'] {
  if (tls === undefined) return undefined;
  if (tls.disabled) return false;
  const [crt, key] = [read(tls.clientCert), read(tls.clientKey)];
  return {
    serverNameOverride: tls.serverName,
    serverRootCACertificate: read(tls.serverCACert),
    clientCertPair: crt && key ? { crt, key } : undefined,
  };
}

function read(source: Source | undefined): Buffer | undefined {
  if (source === undefined) return undefined;
  return 'path' in source ? readFileSync(source.path) : Buffer.from(source.data);
}

function fromFile({ profile, configFile }: ProfileOptions, env: Environment): Table {
  const name = profile ?? env.TEMPORAL_PROFILE;
  const path = configFile ?? env.TEMPORAL_CONFIG_FILE ?? defaultPath(env);
  let profiles: Readonly<Record<string, Table>> | undefined;
  try {
    const text = path === undefined ? '' : readFileSync(path, 'utf8');
    profiles = (parse(text) as { profile?: Record<string, Table> }).profile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const found = profiles?.[name ?? 'default'];
  if (found === undefined && name) throw new Error(`Profile '${name}' not found in config data`);
  return found ?? {};
}

function fromEnvironment(env: Environment): Table {
  const isOn = flag(env.TEMPORAL_TLS);
  return {
    address: env.TEMPORAL_ADDRESS,
    namespace: env.TEMPORAL_NAMESPACE,
    api_key: env.TEMPORAL_API_KEY,
    tls: defined({
      disabled: isOn === undefined ? undefined : !isOn,
      client_cert_path: env.TEMPORAL_TLS_CLIENT_CERT_PATH,
      client_cert_data: env.TEMPORAL_TLS_CLIENT_CERT_DATA,
      client_key_path: env.TEMPORAL_TLS_CLIENT_KEY_PATH,
      client_key_data: env.TEMPORAL_TLS_CLIENT_KEY_DATA,
      server_ca_cert_path: env.TEMPORAL_TLS_SERVER_CA_CERT_PATH,
      server_ca_cert_data: env.TEMPORAL_TLS_SERVER_CA_CERT_DATA,
      server_name: env.TEMPORAL_TLS_SERVER_NAME,
      disable_host_verification: flag(env.TEMPORAL_TLS_DISABLE_HOST_VERIFICATION),
    }),
    codec: defined({ endpoint: env.TEMPORAL_CODEC_ENDPOINT, auth: env.TEMPORAL_CODEC_AUTH }),
  };
}

function overlay(file: Table, env: Table, variables: Environment): Table {
  const both = <T extends object>(below: T | undefined, above: T | undefined): T | undefined =>
    below === undefined && Object.keys(above ?? {}).length === 0 ? undefined : ({ ...below, ...above } as T);
  return {
    ...file,
    ...defined({ address: env.address, namespace: env.namespace, api_key: env.api_key }),
    tls: both(file.tls, env.tls),
    codec: both(file.codec, env.codec),
    grpc_meta: headers(file.grpc_meta, variables),
  };
}

const HEADER_PREFIX = 'TEMPORAL_GRPC_META_';

/** An empty variable takes a header away. */
function headers(ofFile: Table['grpc_meta'], env: Environment): Table['grpc_meta'] {
  const merged = new Map(Object.entries(ofFile ?? {}).map(([key, value]) => [headerName(key), value]));
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(HEADER_PREFIX)) continue;
    const header = headerName(name.slice(HEADER_PREFIX.length));
    if (value) merged.set(header, value);
    else merged.delete(header);
  }
  return merged.size === 0 ? undefined : Object.fromEntries(merged);
}

function headerName(key: string): string {
  return key.toLowerCase().replaceAll('_', '-');
}

function tlsOfTable(tls: NonNullable<Table['tls']>): TlsProfile {
  const text = (name: string) => tls[name] as string | undefined;
  const source = (name: string): Source | undefined => {
    const [path, data] = [text(`${name}_path`), text(`${name}_data`)];
    if (path !== undefined && data !== undefined)
      throw new Error(`Cannot specify both ${name}_path and ${name}_data`);
    if (data !== undefined) return { data };
    return path === undefined ? undefined : { path };
  };
  return defined({
    disabled: tls.disabled as boolean | undefined,
    serverName: text('server_name'),
    clientCert: source('client_cert'),
    clientKey: source('client_key'),
    serverCACert: source('server_ca_cert'),
    disableHostVerification: tls.disable_host_verification as boolean | undefined,
  });
}

function flag(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value === '1' || value === 'true';
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

function defaultPath(env: Environment): string | undefined {
  const home = env.HOME ?? homedir();
  const folder =
    process.platform === 'darwin'
      ? join(home, 'Library', 'Application Support')
      : process.platform === 'win32'
        ? env.APPDATA
        : (env.XDG_CONFIG_HOME ?? join(home, '.config'));
  return folder && isAbsolute(folder) ? join(folder, 'temporalio', 'temporal.toml') : undefined;
}
