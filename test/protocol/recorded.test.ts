import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporal } from '@temporalio/proto';
import { READERS } from './readers.js';
import { schemaProblem } from './schemas.js';

const { History } = temporal.api.history.v1;
type Event = temporal.api.history.v1.IHistoryEvent;
type Payload = temporal.api.common.v1.IPayload;

const FOLDER = join(__dirname, '..', '..', '..', 'test', 'histories', '0.5.0');

const LETTER_REQUESTS = {
  replay: 'replay-request',
  resolve: 'resolve-request',
  discard: 'discard-request',
};
/** The message that a workflow type takes as start, as signal or as update. */
const INPUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  deadLetter: { start: 'dead-letter-record', ...LETTER_REQUESTS },
  circuitBreaker: {
    ...{ start: 'breaker-input', report: 'breaker-report', acquireTrial: 'trial-request' },
    ...{ forceOpen: 'breaker-order', forceClosed: 'breaker-order', disable: 'breaker-order' },
    reset: 'breaker-reset',
    resume: 'breaker-resume',
  },
  redrive: {
    ...{ start: 'redrive-request', pause: 'redrive-order', resume: 'redrive-order' },
    ...{ cancel: 'redrive-order', setRate: 'redrive-rate' },
  },
};

interface Recorded {
  readonly message: string | undefined;
  readonly payload: Payload | null | undefined;
}

/** The messages of the protocol in one event. */
function messagesIn(event: Event, type: string): Recorded[] {
  const inputs = INPUTS[type] ?? {};
  const started = event.workflowExecutionStartedEventAttributes;
  const signaled = event.workflowExecutionSignaledEventAttributes;
  const asked = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  const answered = event.workflowExecutionUpdateCompletedEventAttributes?.outcome?.success;
  const completed = event.workflowExecutionCompletedEventAttributes;
  const failed = event.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo;
  return [
    { message: inputs.start, payload: started?.input?.payloads?.[0] },
    { message: 'dead-letter-memo', payload: started?.memo?.fields?.deadLetter },
    { message: 'breaker-memo', payload: started?.memo?.fields?.circuitBreaker },
    { message: inputs[signaled?.signalName ?? ''], payload: signaled?.input?.payloads?.[0] },
    { message: inputs[asked?.name ?? ''], payload: asked?.args?.payloads?.[0] },
    {
      message: type === 'circuitBreaker' ? 'trial-answer' : 'request-outcome',
      payload: answered?.payloads?.[0],
    },
    {
      message: 'call-header',
      payload: event.activityTaskScheduledEventAttributes?.header?.fields?.['temporal-recovery'],
    },
    { message: type === 'redrive' ? 'redrive-report' : undefined, payload: completed?.result?.payloads?.[0] },
    { message: 'failure-detail', payload: failed?.details?.payloads?.at(-1) },
  ];
}

/** A message as JSON; undefined where there is none, and for a detail that the plugin did not write. */
function contentOf({ message, payload }: Recorded): unknown {
  if (!payload?.data?.length) return undefined;
  const value: unknown = JSON.parse(Buffer.from(payload.data).toString());
  return message === 'failure-detail' ? (value as { temporalRecovery?: unknown }).temporalRecovery : value;
}

test('messages that version 0.5.0 sent, and that the code accepts, are valid by their schemas', () => {
  const seen = new Set<string>();
  for (const file of readdirSync(FOLDER)) {
    const { events = [] } = History.decode(readFileSync(join(FOLDER, file)));
    const type = events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';
    for (const recorded of events.flatMap((event) => messagesIn(event, type))) {
      const { message } = recorded;
      const content = message === undefined ? undefined : contentOf(recorded);
      // A redrive that continues as new has its state in the second input, and null in the first.
      if (message === undefined || content === undefined || content === null) continue;
      if (READERS[message]?.(content) !== undefined) continue;
      assert.equal(schemaProblem(message, content), undefined, `${file}: ${message}`);
      seen.add(message);
    }
  }
  assert.ok(seen.size >= 18, `only ${[...seen].sort().join(', ')} were found`);
});
