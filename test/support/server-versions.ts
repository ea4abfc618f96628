import { Connection } from '@temporalio/client';
import type { TemporalServer } from '../../examples/temporal-server/index.js';

/** `Temporal server 1.29.1, UI 2.42.1`, as both say of themselves. */
export async function serverVersions({ connectionOptions, uiUrl }: TemporalServer): Promise<string> {
  const connection = await Connection.connect(connectionOptions);
  try {
    const { serverVersion } = await connection.workflowService.getClusterInfo({});
    return `Temporal server ${serverVersion || 'of unknown version'}, UI ${await uiVersion(uiUrl)}`;
  } finally {
    await connection.close();
  }
}

async function uiVersion(url: string | undefined): Promise<string> {
  if (url === undefined) return 'not known';
  try {
    const answer = await fetch(`${url}/api/v1/settings`, { signal: AbortSignal.timeout(5_000) });
    const { Version: version } = (await answer.json()) as { Version?: string };
    return version ?? 'of unknown version';
  } catch {
    return 'out of reach';
  }
}
