import { UsageError } from './exit-codes.js';

/** Where the Temporal UI is: as it was given, or, for Temporal Cloud, where everybody's is. @throws UsageError */
export function uiAddress(
  flag: string | undefined,
  serverAddress: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const given = flag ?? env.TEMPORAL_UI_URL;
  if (given) {
    if (!/^https?:\/\//.test(given)) {
      throw new UsageError(
        `--ui-address must begin with http:// or https://, such as http://localhost:8233; got ${JSON.stringify(given)}`,
      );
    }
    return given.replace(/\/+$/, '');
  }
  return /\.(tmprl\.cloud|temporal\.io)(:\d+)?$/.test(serverAddress)
    ? 'https://cloud.temporal.io'
    : undefined;
}
