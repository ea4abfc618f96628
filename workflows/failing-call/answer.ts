import type { Payload } from '@temporalio/common';
import { CancellationScope, log, scheduleActivity, scheduleLocalActivity } from '@temporalio/workflow';
import { ANSWERED_ACTIVITY } from '../../common/contract.js';
import type {
  AnsweredCall,
  HandleFailureResult,
  RecordedAnswer,
} from '../../common/failing-call/failure-description.js';
import { payloadFromJson } from '../../common/payload/json-payload.js';
import { cutBytes, oneLine } from '../../common/text/text.js';
import { fromPayload } from '../sdk/convert.js';
import { oneAtATime } from '../sdk/one-at-a-time.js';
import { payloadConverter } from '../sdk/private-state.js';
import { count } from '../telemetry/count.js';
import { afterOthers } from './after-others.js';
import { type RecoverableInput, serializationContext, taskQueueOf } from './recoverable-input.js';
import { asOwn, recoveryOf } from './recovery-of-call.js';
import { inProgress } from './spread.js';

export type Answered = Extract<HandleFailureResult, { action: 'skip' | 'fallback' }>;

/** How often a fallback activity is tried, should the rules of its errors allow it at all. */
const FALLBACK_ATTEMPTS = 4;

/** Gets the answer that stands for the result of a failed call. @throws what the fallback throws */
export async function answer({ answer: given, error }: Answered, call: RecoverableInput): Promise<unknown> {
  switch (given.kind) {
    case 'value':
      return decode(payloadFromJson(given.payload), call);
    case 'activity': {
      const { activity, taskQueue, startToCloseTimeout } = given;
      const options = {
        taskQueue: taskQueue ?? taskQueueOf(call.options),
        startToCloseTimeout: startToCloseTimeout ?? call.options.startToCloseTimeout,
        scheduleToCloseTimeout: call.options.scheduleToCloseTimeout,
        retry: { maximumAttempts: FALLBACK_ATTEMPTS },
        summary: `Fallback for ${call.activityType}`,
      };
      return scheduleActivity(activity, [...call.args, error], asOwn(options), {
        outputType: call.typeInfo?.outputType,
      });
    }
    case 'call': {
      const kept = recoveryOf(call.options)?.answers.get(given.at);
      if (kept === undefined) throw new Error(`the call has no ${given.at} any more`);
      return typeof kept === 'function' ? kept(...call.args, error) : kept.value;
    }
  }
}

/** Says in the log and the metrics what has answered. History says it in the result of the decision. */
export function reportAnswer({ action, answer: given, error }: Answered, call: RecoverableInput): void {
  const by = answeredBy(given, call);
  const what =
    action === 'skip'
      ? 'temporal-recovery: a failed activity was skipped'
      : 'temporal-recovery: a fallback answered';
  log.info(what, { activityType: call.activityType, by, category: error.errorCategory });
  count('answered', { activityType: call.activityType, action, by, category: error.errorCategory });
}

/** Before 0.11.0 a local activity did that, with a line in history. */
export async function noteAnswer(
  answered: Answered,
  call: RecoverableInput,
  noted: () => void,
): Promise<void> {
  const { action, error } = answered;
  const by = answeredBy(answered.answer, call);
  const why = `${error.errorCategory}${error.statusCode === undefined ? '' : ` ${error.statusCode}`} · ${error.message}`;
  const what =
    action === 'skip' ? `Skipped ${call.activityType}` : `Fallback (${by}) answered for ${call.activityType}`;
  const note: AnsweredCall = { activityType: call.activityType, action, by, category: error.errorCategory };
  let later: Promise<void> | undefined;
  try {
    await CancellationScope.nonCancellable(() =>
      inProgress().track(
        oneAtATime(() => {
          const result = scheduleLocalActivity(ANSWERED_ACTIVITY, [note], {
            startToCloseTimeout: '10s',
            retry: { maximumAttempts: 1 },
            summary: cutBytes(oneLine(`${what}: ${why}`), 400),
          });
          result.then(
            () => {
              if (answered.direct) later = afterOthers()?.then(noted);
              if (answered.direct && later === undefined) noted();
            },
            () => undefined,
          );
          return result;
        }),
      ),
    );
    if (later !== undefined) await later;
  } catch (fault) {
    log.warn('temporal-recovery could not note an answer', { error: fault });
  }
}

function answeredBy(given: RecordedAnswer, call: RecoverableInput): AnsweredCall['by'] {
  if (given.kind !== 'call') return given.kind;
  return typeof recoveryOf(call.options)?.answers.get(given.at) === 'function' ? 'function' : 'value';
}

function decode(payload: Payload, call: RecoverableInput): unknown {
  return fromPayload(payloadConverter(), payload, serializationContext(call), call.typeInfo?.outputType);
}
