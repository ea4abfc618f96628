import { join } from 'node:path';
import type { TemporalServer } from './types';

/** The variables that say which server to talk to, and how; TEMPORAL_CLI_PATH and our own are not among them. */
const CONNECTION =
  /^TEMPORAL_(ADDRESS|NAMESPACE|PROFILE|CONFIG_FILE|API_KEY|UI_URL|TLS(_.*)?|GRPC_META_.*|CODEC_.*|CLIENT_.*)$/;

/** The environment without them: a server started here must not pick up settings meant for another one. */
export function withoutConnection(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !CONNECTION.test(name)));
}

/**
 * The environment in which a child process finds `server` through `startTemporalServer`. For a server made here,
 * credentials and profiles of other servers are kept out of it; one that existed was found by them.
 */
export function environmentFor(
  server: TemporalServer,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  if (env.TEMPORAL_ADDRESS) return { ...env };
  return {
    ...withoutConnection(env),
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    // A file that does not exist stands for "no profile", which the user's own file would otherwise provide.
    TEMPORAL_CONFIG_FILE: join(__dirname, 'no-profile.toml'),
    ...(server.uiUrl === undefined ? {} : { TEMPORAL_UI_URL: server.uiUrl }),
  };
}
