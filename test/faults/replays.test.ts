import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { temporal } from '@temporalio/proto';
import { addReplays, type LetterReplays, replaysRequested } from './replays.js';

const LETTER = 'letter';

function replays(calls: number, answers: Record<string, string[]>): ReadonlyMap<string, LetterReplays> {
  const requests = Object.entries(answers).map(([id, given]) => [`${id}/run`, given] as const);
  return new Map([[LETTER, { calls, requests: new Map(requests) }]]);
}

function outcomes(given: Record<string, string>) {
  return Object.entries(given).map(([id, outcome]) => ({ id, outcomes: new Map([[LETTER, outcome]]) }));
}

describe('replays of a letter and the redrives that asked for them', () => {
  test('one for each request is right, also where the redrive that asked says SKIPPED', () => {
    assert.deepEqual(
      replaysRequested(outcomes({ a: 'SKIPPED', b: 'REPLAYED' }), replays(2, { a: ['FAILED'], b: [] })),
      [],
    );
    assert.deepEqual(replaysRequested(outcomes({ a: 'SKIPPED', b: 'REPLAYED' }), replays(1, { b: [] })), []);
  });

  test('more than requests are wrong', () => {
    const wrong = replaysRequested(outcomes({ a: 'REPLAYED' }), replays(2, { a: ['REPLAYED'] }));
    assert.deepEqual(wrong, ['letter was replayed 2 times for 1 requests']);
  });

  test('a request that the letter skipped is none to replay it', () => {
    const redrives = outcomes({ a: 'REPLAYED', b: 'SKIPPED' });
    const skipped = replaysRequested(redrives, replays(2, { a: ['REPLAYED'], b: ['RUNNING', 'SKIPPED'] }));
    assert.deepEqual(skipped, ['letter was replayed 2 times for 1 requests']);
  });

  test('a request of a redrive that has no outcome of it is wrong', () => {
    const wrong = replaysRequested(outcomes({ a: 'REPLAYED' }), replays(1, { a: [], b: [] }));
    assert.deepEqual(wrong, ['letter got b/run']);
  });

  test('an outcome of a replay that was not asked for is wrong', () => {
    const wrong = replaysRequested(outcomes({ a: 'FAILED', b: 'REPLAYED' }), replays(1, { b: [] }));
    assert.deepEqual(wrong, ['a has FAILED for letter, and asked 0 times']);
  });

  test('a request that was sent again counts once, and a call that a breaker rejected not at all', () => {
    const input = { name: 'replay', args: { payloads: [{ data: Buffer.from('{"requestId":"a/run"}') }] } };
    const asked = (eventId: number) => ({
      ...{ eventId, workflowExecutionUpdateAcceptedEventAttributes: { acceptedRequest: { input } } },
    });
    const outcome = { success: { payloads: [{ data: Buffer.from('{"outcome":"FAILED"}') }] } };
    const answered = { workflowExecutionUpdateCompletedEventAttributes: { acceptedEventId: 4, outcome } };
    const call = (eventId: number) =>
      ({ eventId, activityTaskScheduledEventAttributes: { activityType: { name: 'publish' } } }) as unknown;
    const failed = (scheduledEventId: number, type: string) => ({
      activityTaskFailedEventAttributes: { scheduledEventId, failure: { applicationFailureInfo: { type } } },
    });
    const events = [
      asked(1),
      call(2),
      failed(2, 'CircuitOpen'),
      asked(4),
      call(5),
      failed(5, 'Error'),
      answered,
    ];
    const { calls, requests } = addReplays(undefined, events as temporal.api.history.v1.IHistoryEvent[]);
    assert.deepEqual({ calls, requests: [...requests] }, { calls: 1, requests: [['a/run', ['FAILED']]] });
  });
});
