import type { Client } from '@temporalio/client';
import type { ErrorJson } from '../../../common/errors/index.js';
import type {
  Decision,
  HandleFailureRequest,
  RecordedAnswer,
} from '../../../common/failing-call/failure-description.js';
import { payloadToJson } from '../../../common/payload/json-payload.js';
import type { Answer, End } from '../../../common/strategies/index.js';
import { cutBytes, oneLine } from '../../../common/text/text.js';
import type { RecoverySettings } from '../../settings.js';

/** What is to become of a failed call by the rules; after a fallback that failed, what comes behind it. */
export function chooseEnd(request: HandleFailureRequest, error: ErrorJson, settings: RecoverySettings): End {
  const { activityType, recovery, fallbackFailure } = request;
  const { ends } = settings.rulebook.plan(
    { activityType, operation: recovery?.operation, rules: recovery?.rules },
    error.errorCategory,
  );
  const left = fallbackFailure === undefined ? ends : ends.filter(({ action }) => action !== 'fallback');
  const [end = { action: 'deadLetter' as const }] = left;
  if (end.action === 'park' && request.cannotPark) return { action: 'deadLetter' };
  if (end.action !== 'fallback' || end.answer !== undefined) return end;
  // Only rules of a call can get here without one; those of the plugin are checked when it is made.
  settings.telemetry.fault(
    'FALLBACK',
    `${activityType}: strategy FALLBACK or onExhausted "fallback" needs the option fallback; there is none`,
  );
  return left[1] ?? { action: 'deadLetter' };
}

/** The decision for a call that a fallback answers, or that is skipped. */
export function answeredBy(
  { action, answer }: Extract<End, { action: 'skip' | 'fallback' }>,
  activityType: string,
  error: ErrorJson,
  client: Client,
): Decision {
  const { errorCategory, statusCode = '', message } = error;
  const what = action === 'skip' ? 'Skips' : `Fallback (${BY[answer?.kind ?? 'value']}) answers for`;
  const says = cutBytes(oneLine(`${what} ${activityType}: ${errorCategory} ${statusCode} · ${message}`), 400);
  return { says, action, answer: recordAnswer(answer, client), error };
}

const BY = { value: 'value', activity: 'activity', call: 'of the call' } as const;

/** The answer as the workflow gets it; a value in the encoding the workflow's worker reads. */
function recordAnswer(answer: Answer | undefined, client: Client): RecordedAnswer {
  const given = answer ?? { kind: 'value', value: undefined };
  if (given.kind !== 'value') return given;
  const { payloadConverter } = client.options.loadedDataConverter;
  return { kind: 'value', payload: payloadToJson(payloadConverter.toPayload(given.value)) };
}
