/** Where the server of the benchmarks serves its metrics; the run has the machine to itself. */
export const SERVER_METRICS_PORT = 29_465;

/** A quiet second ends what was measured. */
const QUIET_MS = 1_500;
const LOOK_MS = 250;

/**
 * Actions that the server has counted so far, by type: its metric `action` follows what Temporal Cloud bills
 * (https://docs.temporal.io/cloud/migrate/estimate-actions).
 */
async function actionsSoFar(namespace: string): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${SERVER_METRICS_PORT}/metrics`)).text();
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, labels = '', value] = /^action\{(.*)\} (\d+)$/.exec(line) ?? [];
    if (value === undefined || !labels.includes(`namespace="${namespace}"`)) continue;
    const type = /action_type="([^"]+)"/.exec(labels)?.[1] ?? '';
    counts.set(type, (counts.get(type) ?? 0) + Number(value));
  }
  return counts;
}

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0);

/** Actions of some work, by type, until nothing more happens. */
export async function actionsOf(
  namespace: string,
  work: () => Promise<unknown>,
): Promise<Map<string, number>> {
  await quiet(namespace);
  const before = await actionsSoFar(namespace);
  await work();
  await quiet(namespace);
  const after = await actionsSoFar(namespace);
  const added = [...after].map(([type, count]) => [type, count - (before.get(type) ?? 0)] as const);
  return new Map(added.filter(([, count]) => count > 0));
}

async function quiet(namespace: string): Promise<void> {
  let last = Number.NaN;
  let since = performance.now();
  while (performance.now() - since < QUIET_MS) {
    const now = sum(await actionsSoFar(namespace));
    if (now !== last) since = performance.now();
    last = now;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Per unit: all, and the types of which there is at least one in twenty units. */
export function actionsPer(units: number, counts: ReadonlyMap<string, number>): [string, string] {
  const each = (count: number) => (count / units).toFixed(2).replace(/\.?0+$/, '');
  const types = [...counts]
    .filter(([, count]) => count >= units / 20)
    .sort(([, a], [, b]) => b - a)
    .map(([type, count]) => `${type.replace(/^(grpc|command)_/, '')} ${each(count)}`);
  return [each(sum(counts)), types.join(', ')];
}
