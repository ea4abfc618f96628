import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import type { GlobalFlags } from './flags.js';

/** What the SDK's own loader of settings leaves out (1.24), by the same rules. */
export interface ExtraSettings {
  readonly codecEndpoint?: string;
  readonly codecAuth?: string;
  readonly disableHostVerification?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Profile {
  readonly codec?: { readonly endpoint?: string; readonly auth?: string };
  readonly tls?: { readonly disable_host_verification?: boolean };
}

export function extrasOfFile(flags: Partial<GlobalFlags>, env: Environment): ExtraSettings {
  if (flags.disableConfigFile) return {};
  const path = flags.configFile ?? env.TEMPORAL_CONFIG_FILE ?? defaultPath(env);
  try {
    const { profile } = parse(readFileSync(path, 'utf8')) as { profile?: Record<string, Profile> };
    const { codec, tls } = profile?.[flags.profile ?? env.TEMPORAL_PROFILE ?? 'default'] ?? {};
    return {
      codecEndpoint: codec?.endpoint,
      codecAuth: codec?.auth,
      disableHostVerification: tls?.disable_host_verification,
    };
  } catch {
    // No file, or none that can be read: the SDK's loader has told that, where it matters.
    return {};
  }
}

export function extrasOfEnvironment(flags: Partial<GlobalFlags>, env: Environment): ExtraSettings {
  if (flags.disableConfigEnv) return {};
  const verification = env.TEMPORAL_TLS_DISABLE_HOST_VERIFICATION;
  return {
    codecEndpoint: env.TEMPORAL_CODEC_ENDPOINT,
    codecAuth: env.TEMPORAL_CODEC_AUTH,
    disableHostVerification:
      verification === undefined ? undefined : verification === '1' || verification === 'true',
  };
}

/** Source: https://docs.temporal.io/develop/environment-configuration */
function defaultPath(env: Environment): string {
  const folder =
    process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Application Support')
      : process.platform === 'win32'
        ? (env.APPDATA ?? homedir())
        : (env.XDG_CONFIG_HOME ?? join(homedir(), '.config'));
  return join(folder, 'temporalio', 'temporal.toml');
}
