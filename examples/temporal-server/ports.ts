import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export const HOST = '127.0.0.1';

/**
 * A port without a listener right now: the wanted one where possible. Somebody else may still take it before the
 * server binds it, so the caller has to retry on a conflict.
 */
async function freePort(wanted = 0): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(wanted, HOST);
    await once(probe, 'listening');
    return (probe.address() as AddressInfo).port;
  } catch (error) {
    if (wanted === 0) throw error;
    return freePort();
  } finally {
    probe.close();
  }
}

/** Distinct ports: both probes could otherwise be given the same one, one after the other. */
export async function freePorts(wanted: {
  readonly port?: number | undefined;
  readonly uiPort?: number | undefined;
}): Promise<{ port: number; uiPort: number }> {
  const uiPort = await freePort(wanted.uiPort);
  for (let wish = wanted.port; ; wish = undefined) {
    const port = await freePort(wish);
    if (port !== uiPort) return { port, uiPort };
  }
}
