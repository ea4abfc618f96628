import type { WorkflowInterceptors } from '@temporalio/workflow';
import { beginning } from '../../common/text/text.js';
import { aroundMessages } from '../sdk/private-state.js';

/**
 * Who sent the signal or update that is being handled right now.
 *
 * Somebody who presses a button in the Temporal UI, or uses its CLI, rarely says who they are; the server knows, and
 * writes the identity of the sender into history. The activation jobs `signalWorkflow` (`identity`) and `doUpdate`
 * (`meta.identity`) carry it, but the SDK, up to 1.24, hands it to no handler and to no interceptor. So it is taken from
 * the jobs, per workflow.
 *
 * It comes from history, so replays see the same. With an SDK that does this in another way the sender is unknown, and
 * nothing else changes; `test/dead-letter/audit.test.ts` notices.
 */
let current: string | undefined;

/** Longer ones are cut. */
const MAX_IDENTITY = 200;

/** Identity of the sender, as long as a handler or validator runs synchronously; undefined where it is not known. */
export function senderIdentity(): string | undefined {
  return current;
}

/** Bundled as an interceptor module of the recovery workflows. It intercepts nothing: it is run before the workflow. */
export function interceptors(): WorkflowInterceptors {
  try {
    aroundMessages(sentBy);
  } catch {
    // Who it was is worth less than the letter.
  }
  return {};
}

function sentBy(identity: unknown, handle: () => void): void {
  const outer = current;
  current = typeof identity === 'string' && identity !== '' ? beginning(identity, MAX_IDENTITY) : undefined;
  try {
    handle();
  } finally {
    current = outer;
  }
}
