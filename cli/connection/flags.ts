import { type Command, Option } from 'commander';
import { DEFAULT_TASK_QUEUE } from '../../common/contract.js';
import { duration, oneOf } from '../input/values.js';
import { type FormatFlags, OUTPUT_FORMATS, OUTPUT_NAMES } from '../output/format.js';

/** Flags every command takes, before or after its name. Those of the connection are named as the Temporal CLI's. */
export interface GlobalFlags extends FormatFlags {
  readonly address?: string;
  readonly namespace?: string;
  readonly apiKey?: string;
  readonly grpcMeta?: readonly string[];
  readonly identity?: string;
  readonly tls?: boolean;
  readonly tlsCertPath?: string;
  readonly tlsCertData?: string;
  readonly tlsKeyPath?: string;
  readonly tlsKeyData?: string;
  readonly tlsCaPath?: string;
  readonly tlsCaData?: string;
  readonly tlsServerName?: string;
  readonly tlsDisableHostVerification?: boolean;
  readonly codecEndpoint?: string;
  readonly codecAuth?: string;
  readonly codecHeader?: readonly string[];
  readonly profile?: string;
  readonly configFile?: string;
  readonly disableConfigFile?: boolean;
  readonly disableConfigEnv?: boolean;
  readonly clientConnectTimeout?: number;
  readonly dataConverter?: string;
  readonly recoveryTaskQueue: string;
}

export function addGlobalFlags(program: Command): Command {
  return program
    .optionsGroup('Connection (flag, then environment, then profile, as with the Temporal CLI):')
    .option('--address <host:port>', 'Temporal server; TEMPORAL_ADDRESS (default: localhost:7233)')
    .option('-n, --namespace <name>', 'namespace; TEMPORAL_NAMESPACE (default: default)')
    .option('--profile <name>', 'profile of the config file; TEMPORAL_PROFILE (default: default)')
    .option('--config-file <path>', 'config file; TEMPORAL_CONFIG_FILE (default: that of the Temporal CLI)')
    .option('--disable-config-file', 'do not read the config file')
    .option('--disable-config-env', 'do not read TEMPORAL_* variables')
    .option('--api-key <key>', 'API key; better TEMPORAL_API_KEY, which no list of processes shows')
    .option('--grpc-meta <KEY=VALUE>', 'header of requests; may be repeated', collect)
    .option('--identity <name>', 'who does it (default: you@host)')
    .addOption(
      new Option(
        '--tls [bool]',
        'use TLS; --tls=false does not (default: with an API key or TLS flags)',
      ).argParser((value: string) => value !== 'false' && value !== '0'),
    )
    .option('--tls-cert-path <file>', 'client certificate')
    .option('--tls-cert-data <pem>', 'client certificate')
    .option('--tls-key-path <file>', 'private key of the client certificate')
    .option('--tls-key-data <pem>', 'private key of the client certificate')
    .option('--tls-ca-path <file>', 'certificate of the authority that signed the server’s')
    .option('--tls-ca-data <pem>', 'certificate of the authority that signed the server’s')
    .option('--tls-server-name <name>', 'name the server’s certificate is for')
    .option('--tls-disable-host-verification', 'trust any certificate: for tests only')
    .option('--codec-endpoint <url>', 'codec server for encrypted arguments; TEMPORAL_CODEC_ENDPOINT')
    .option('--codec-auth <value>', 'its Authorization header; TEMPORAL_CODEC_AUTH')
    .option('--codec-header <KEY=VALUE>', 'header for it; may be repeated', collect)
    .option(
      '--client-connect-timeout <duration>',
      'how long to try to connect (default: 5s)',
      duration('--client-connect-timeout'),
    )
    .optionsGroup('Recovery:')
    .addOption(
      new Option('--recovery-task-queue <name>', 'task queue of the recovery worker')
        .env('TEMPORAL_RECOVERY_TASK_QUEUE')
        .default(DEFAULT_TASK_QUEUE),
    )
    .addOption(
      new Option(
        '--data-converter <module>',
        'module that exports `dataConverter`, the one of your workers: for encrypted arguments, instead of a codec server',
      ).env('TEMPORAL_RECOVERY_DATA_CONVERTER'),
    )
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '-o, --output <format>',
        `one of ${OUTPUT_FORMATS.join(', ')}: wide has more columns and cuts nothing, jsonl a line for each element; with JSON errors are JSON on stderr (default: table)`,
      ).argParser(oneOf('--output', OUTPUT_NAMES)),
    )
    .option('--json', 'the same as --output json');
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
