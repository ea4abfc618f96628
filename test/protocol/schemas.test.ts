import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  admit,
  DEFAULT_BREAKER_CONFIG,
  FLEET_DEFAULTS,
  initialState,
  parseBreakerConfig,
  trip,
} from '../../common/circuit-breaker/index.js';
import { groupFingerprint } from '../../common/dead-letter/group.js';
import { deadLetterWorkflowId } from '../../common/dead-letter/id.js';
import { memoOf } from '../../common/dead-letter/memo.js';
import { OriginStatus } from '../../common/dead-letter/origin-status.js';
import { type DeadLetterRecord, DeadLetterStatus } from '../../common/dead-letter/record.js';
import { ApiLinkerError, ErrorCategory } from '../../common/errors/index.js';
import { mutationsOf } from './mutations.js';
import { READERS } from './readers.js';
import { SCHEMAS, schemaOf, schemaProblem, sent } from './schemas.js';

/** Rules between two numbers of a message, which a schema cannot express: their descriptions say them. */
const ONLY_DESCRIBED = /maximumInterval: expected at least|minimumCalls: expected at most/;

describe('schemas of the wire protocol', () => {
  for (const [message, schema] of SCHEMAS) {
    test(`${message} compiles, says what it is, and its examples are valid`, () => {
      assert.ok(schema.title !== '' && schema.description !== '');
      if (message === 'definitions') return;
      assert.ok((schema.examples ?? []).length > 0, 'no example');
      for (const example of schema.examples ?? []) assert.equal(schemaProblem(message, example), undefined);
    });
  }

  for (const [message, read] of Object.entries(READERS)) {
    test(`the code accepts each example of ${message}`, () => {
      for (const example of schemaOf(message).examples ?? []) assert.equal(read(example), undefined);
    });

    test(`what the code rejects of ${message}, its schema rejects too`, () => {
      const mutations = (schemaOf(message).examples ?? []).flatMap((example) => mutationsOf(example));
      const rejected = mutations.filter(({ value }) => {
        const problem = read(value);
        return problem !== undefined && !ONLY_DESCRIBED.test(problem);
      });
      assert.ok(rejected.length > 0, 'the code rejected nothing');
      assert.deepEqual(
        rejected
          .filter(({ value }) => schemaProblem(message, value) === undefined)
          .map(({ at, value }) => `${at}: ${read(value)}`),
        [],
      );
    });

    test(`the code requires what the schema of ${message} requires`, () => {
      const { required = [] } = schemaOf(message) as { required?: readonly string[] };
      const [example] = schemaOf(message).examples ?? [];
      // Its reader fills these in, so that a report of an older or a broken worker still counts.
      const tolerated: Readonly<Record<string, readonly string[]>> = { 'failure-detail': ['history'] };
      for (const field of required.filter((each) => !tolerated[message]?.includes(each))) {
        const { [field]: _, ...rest } = example as Record<string, unknown>;
        assert.notEqual(read(rest), undefined, `${message} without ${field}`);
      }
    });
  }
});

describe('schemas and the messages that the code makes', () => {
  const error = new ApiLinkerError('HTTP 503: down', {
    errorCategory: ErrorCategory.SERVER,
    statusCode: 503,
    correlationId: 'order-17',
  }).toJSON();

  test('a classified error, its letter and the memo of the letter', () => {
    const [example] = schemaOf('dead-letter-record').examples as DeadLetterRecord[];
    assert.ok(example);
    const { origin, activityType } = example;
    const id = deadLetterWorkflowId(origin, activityType);
    const record: DeadLetterRecord = { ...example, id, error, group: groupFingerprint(activityType, error) };
    assert.equal(schemaProblem('dead-letter-record', sent(record)), undefined);
    assert.equal(schemaProblem('dead-letter-memo', sent(memoOf(record).deadLetter)), undefined);
    const { attemptCount: _, ...uncounted } = record;
    assert.equal(schemaProblem('dead-letter-memo', sent(memoOf(uncounted).deadLetter)), undefined);
  });

  test('the id and the fingerprint in the example are those that the code makes', () => {
    const [example] = schemaOf('dead-letter-record').examples as DeadLetterRecord[];
    assert.ok(example);
    assert.equal(deadLetterWorkflowId(example.origin, example.activityType), example.id);
    assert.equal(groupFingerprint(example.operation, example.error), example.group);
  });

  test('the default settings and the transitions of a circuit breaker', () => {
    for (const config of [DEFAULT_BREAKER_CONFIG, parseBreakerConfig(FLEET_DEFAULTS)]) {
      const input = {
        v: 1,
        name: 'api',
        config,
        configuredAt: '2026-01-31T12:00:00.000Z',
        searchAttributes: [],
      };
      assert.equal(schemaProblem('breaker-input', input), undefined);
      const reason = {
        cause: 'consecutive-failures',
        failures: 5,
        threshold: 5,
        sample: { statusCode: 503 },
      };
      const { state, transitions } = trip(initialState(0), config, reason as never, 1_000, 0);
      const rejected = admit(state, config, 1_000);
      assert.ok(rejected.rejection);
      const answer = { status: state.status, epoch: state.epoch, retryInMs: 1 };
      assert.equal(schemaProblem('trial-answer', answer), undefined);
      const [example] = schemaOf('breaker-state').examples as object[];
      assert.equal(schemaProblem('breaker-state', sent({ ...example, config, transitions })), undefined);
    }
  });

  test('the lists of statuses and categories are complete', () => {
    const { $defs } = schemaOf('definitions') as unknown as { $defs: Record<string, { enum?: string[] }> };
    assert.deepEqual($defs.status?.enum, Object.values(DeadLetterStatus));
    assert.deepEqual($defs.originStatus?.enum, Object.values(OriginStatus));
    assert.deepEqual($defs.category?.enum, Object.values(ErrorCategory));
  });
});
