import { callsOf, type Stage, withStatus, writtenCount } from './stage.js';

const EVERY_MS = 2_000;

/**
 * Now and then one line: what the service has seen of the API that was called last. No line while no call reaches it.
 * @returns what ends it
 */
export function showProgress(service: Stage['service'], log: Stage['log']): () => void {
  let seen = 0;
  const timer = setInterval(() => {
    const last = service.calls.at(-1);
    if (last === undefined || service.calls.length === seen) return;
    seen = service.calls.length;
    const calls = callsOf(service, last.api);
    const rejected = [429, 422].map((status) => `${withStatus(calls, status).length} answered ${status}`);
    log(`service: ${writtenCount(calls)} ${last.api} written, ${rejected.join(', ')}`);
  }, EVERY_MS);
  return () => clearInterval(timer);
}
