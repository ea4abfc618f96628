import type { AnsweredCall } from '../../common/failing-call/failure-description.js';
import type { RecoveryTelemetry } from '../telemetry.js';

/**
 * Makes `recovery.answered`: a line in the origin's history, which its summary explains, one in the log, and a count. For
 * workflows whose calls failed before 0.11, and those in which only local activities have failed.
 */
export function createAnswered(telemetry: RecoveryTelemetry) {
  return async function answered(call: AnsweredCall): Promise<void> {
    telemetry.answered(call);
  };
}
