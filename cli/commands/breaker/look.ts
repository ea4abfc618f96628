import type { BreakerHandle } from '../../../client/circuit-breaker/breakers.js';
import { type BreakerSnapshot, breakerWorkflowId } from '../../../common/circuit-breaker/index.js';
import { answered } from '../../answered.js';
import { CliError, ExitCode } from '../../exit-codes.js';
import type { Session } from '../../session.js';

const POLL_MS = 200;
const PATIENCE_MS = 15_000;

/** What the breaker says, also where it needs a moment to answer. */
export function look(session: Session, breaker: BreakerHandle): Promise<BreakerSnapshot> {
  return answered(session, breakerWorkflowId(breaker.name), () => breaker.describe());
}

/**
 * An order is a signal: it is done once the breaker says so.
 * @param but what it says instead, for the error
 */
export async function untilShown(
  session: Session,
  breaker: BreakerHandle,
  isDone: (shown: BreakerSnapshot) => boolean,
  but: (shown: BreakerSnapshot) => string,
): Promise<BreakerSnapshot> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const shown = await look(session, breaker);
    if (isDone(shown)) return shown;
    if (Date.now() > end) throw new CliError(`The order was sent, but ${but(shown)}`, ExitCode.FAILED);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
