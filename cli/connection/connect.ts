import { connect as connectSocket } from 'node:net';
import { credentials } from '@grpc/grpc-js';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { oneLine } from '../../common/text/text.js';
import { CliError, ExitCode } from '../exit-codes.js';
import type { ConnectionSettings } from './settings.js';
import type { Sourced } from './sourced.js';

/** The server could not be reached, or does not let us in. Says what was tried, and where each setting came from. */
export class ConnectionError extends CliError {
  override readonly name = 'ConnectionError';
  constructor(
    readonly settings: Pick<ConnectionSettings, 'address' | 'namespace' | 'tls' | 'apiKey'>,
    why: string,
    options?: ErrorOptions,
  ) {
    const row = (name: string, setting: Sourced | undefined) =>
      setting === undefined
        ? []
        : [`  ${name.padEnd(10)} ${oneLine(setting.value)}  (${oneLine(setting.source)})`];
    super(
      [
        `The Temporal server could not be reached: ${oneLine(why)}. Tried:`,
        ...row('address', settings.address),
        ...row('namespace', settings.namespace),
        ...row('TLS', settings.tls),
        ...row('API key', settings.apiKey),
      ].join('\n'),
      ExitCode.UNREACHABLE,
      options,
    );
  }
}

/** @throws ConnectionError */
export async function connect(settings: ConnectionSettings): Promise<Connection> {
  const { connectTimeoutMs } = settings;
  const failed = (why: string, cause: unknown) => new ConnectionError(settings, why, { cause });
  const connecting = Connection.connect({ ...optionsOf(settings), connectTimeout: connectTimeoutMs });
  connecting.catch(() => undefined);
  // gRPC tries until its time is over and does not say why it failed: a socket tells it at once.
  const refusal = socketError(settings.address.value, connectTimeoutMs);
  try {
    const first = await Promise.race([connecting, refusal]);
    if (first instanceof Connection) return first;
    if (first !== undefined) throw failed(first, undefined);
    return await connecting;
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    throw failed(reason(error, settings), error);
  }
}

function optionsOf({ connectionOptions, trustsAnyCertificate }: ConnectionSettings): ConnectionOptions {
  const { address, apiKey, tls, metadata } = connectionOptions;
  if (!trustsAnyCertificate) return { address, apiKey, tls, metadata };
  // The SDK has no such setting: the credentials are made here, and so its API key becomes a header by hand.
  const { serverRootCACertificate, clientCertPair, serverNameOverride } =
    typeof tls === 'object' && tls !== null ? tls : {};
  const buffer = (data?: Uint8Array) => (data === undefined ? null : Buffer.from(data));
  return {
    address,
    metadata: { ...metadata, ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) },
    credentials: credentials.createSsl(
      buffer(serverRootCACertificate),
      buffer(clientCertPair?.key),
      buffer(clientCertPair?.crt),
      { checkServerIdentity: () => undefined, rejectUnauthorized: false },
    ),
    channelArgs:
      serverNameOverride === undefined
        ? {}
        : {
            'grpc.ssl_target_name_override': serverNameOverride,
            'grpc.default_authority': serverNameOverride,
          },
  };
}

/** Why no socket can be opened; undefined where one can, or where a proxy is in between. */
async function socketError(address: string, timeoutMs: number): Promise<string | undefined> {
  if (['grpc_proxy', 'https_proxy', 'http_proxy'].some((name) => process.env[name])) return undefined;
  const match = /^(?:dns:(?:\/\/\/)?)?\[?([^[\]/]+?)\]?(?::(\d+))?$/.exec(address);
  if (match === null) return undefined;
  return new Promise((resolve) => {
    const socket = connectSocket({ host: match[1], port: Number(match[2] ?? 7233) });
    const end = (why?: string) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(timeoutMs, () => end());
    socket.once('connect', () => end());
    socket.once('error', (error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }) =>
      end(explain(error.errors?.[0] ?? error)),
    );
  });
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host name is not known (${code})`;
  return message;
}

/** gRPC's own words, with what they usually mean. */
function reason(error: unknown, { tls }: ConnectionSettings): string {
  const texts: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if (at.message !== 'Failed to connect to Temporal server') texts.push(at.message);
  }
  const text = texts.join(': ');
  if (/Failed to connect before the deadline|Deadline exceeded/i.test(text)) {
    return tls.value === 'off'
      ? 'no answer in time; perhaps the server wants TLS (--tls)'
      : 'no answer in time; perhaps the certificate does not fit, or the server has no TLS (--tls=false)';
  }
  return text === '' ? String(error) : text;
}
