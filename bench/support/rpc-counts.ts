/** Where the SDK's metrics of this process are served; the run has the machine to itself. */
export const METRICS_PORT = 29_464;

/** Requests to the server so far, of all workers in this process, by operation. */
export async function rpcCounts(): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^temporal_(?:long_)?request(?:_total)?\{(.*)\} (\d+)$/.exec(line);
    const operation = /operation="([^"]+)"/.exec(match?.[1] ?? '')?.[1];
    if (operation === undefined) continue;
    counts.set(operation, (counts.get(operation) ?? 0) + Number(match?.[2]));
  }
  return counts;
}

export function difference(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) {
  return new Map([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]));
}
