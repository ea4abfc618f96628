import type { AlertEvent } from '../alerts/alert-event.js';
import { groupWorkflowId } from './id.js';
import type { GroupCause } from './messages.js';
import { lettersLately } from './spike.js';
import type { GroupEvent, GroupState } from './state.js';

/** What hooks receive of an event of a group. */
export function groupAlert(
  cause: GroupCause,
  state: GroupState,
  change: GroupEvent,
  now: number,
): AlertEvent {
  const { queue, group: fingerprint, operation, category, statusCode } = cause;
  const message = state.sample?.message ?? cause.pattern;
  return {
    kind: 'group',
    ...{ id: `group/${fingerprint}/${change}/${now}`, at: new Date(now).toISOString(), change, fingerprint },
    ...{ workflowId: groupWorkflowId(cause), queue, operation, category, message },
    ...(statusCode === undefined ? {} : { statusCode }),
    letters: change === 'spike' ? lettersLately(state.recent, now) : state.letters,
    ...(state.owner === undefined ? {} : { owner: state.owner }),
  };
}
