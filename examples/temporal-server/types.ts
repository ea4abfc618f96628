import type { NativeConnectionOptions } from '@temporalio/worker';

/** What both `NativeConnection.connect` and `Connection.connect` accept. */
export type TemporalConnectionOptions = { address: string } & Pick<
  NativeConnectionOptions,
  'tls' | 'apiKey' | 'metadata'
>;

export interface TemporalServerOptions {
  /** Gets one line for everything worth knowing while the server is found or made. Default: silent. */
  log?: (line: string) => void;
  /** Names of the Keyword search attributes to register. */
  searchAttributes?: string[];
  /** Dynamic configuration of a server made here (values are JSON); an existing server keeps its own. */
  dynamicConfig?: Record<string, string>;
  /** Port of the metrics of a server made here. Default: any free port. */
  metricsPort?: number;
  /** Where settings are read from. Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Wanted port of a server made here; another one is taken when it is busy. Default: any free port. */
  port?: number;
  /** Wanted port of the Web UI; another one is taken when it is busy. Default: any free port. */
  uiPort?: number;
  /** File that keeps the data of a server made here: the next server with it goes on. Default: in memory. */
  database?: string;
}

export interface TemporalServer {
  address: string;
  namespace: string;
  uiUrl: string | undefined;
  /** The Temporal CLI it was made with; undefined for one that already existed. */
  cliPath?: string;
  /** Where the server came from, for people. */
  origin: string;
  connectionOptions: TemporalConnectionOptions;
  /** Stops a server made here; does nothing to one that already existed. */
  stop(): Promise<void>;
}

/** The options with every default filled in. */
export type Settings = Required<Omit<TemporalServerOptions, OptionalSetting>> &
  Pick<TemporalServerOptions, OptionalSetting>;

type OptionalSetting = 'port' | 'uiPort' | 'metricsPort' | 'database';
