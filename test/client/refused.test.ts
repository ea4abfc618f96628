import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { Client, type Connection } from '@temporalio/client';
import {
  DeadLetterNotFoundError,
  InvalidRequestError,
  RecoveryClient,
  RedriveNotFoundError,
} from 'temporal-recovery/client';
import { mustExist } from '../../cli/commands/dlq/redrive/must-exist.js';
import { GrpcStatus, grpcStatus } from '../../client/server/grpc-status.js';
import { useHarness } from '../support/harness.js';

describe('what could not be looked at is not taken for absent', () => {
  const get = useHarness('refused');
  const id = 'dead-letter/nobody';

  for (const status of [GrpcStatus.PERMISSION_DENIED, GrpcStatus.UNAVAILABLE]) {
    test(`gRPC status ${status}`, async () => {
      const { connection, namespace } = get().client.options;
      const client = new Client({ connection: refusing(connection as Connection, status), namespace });
      const { deadLetters } = new RecoveryClient({ client });
      const refused = (error: unknown) => grpcStatus(error) === status;
      await assert.rejects(deadLetters.get(id).replay(), refused);
      await assert.rejects(deadLetters.find(id), refused);
      await assert.rejects(mustExist({ client }, 'redrive/nobody'), refused);
    });
  }

  test('what is absent is', async () => {
    const { client, recovery } = get();
    await assert.rejects(recovery.deadLetters.get(id).replay(), DeadLetterNotFoundError);
    await assert.rejects(recovery.deadLetters.find(id), DeadLetterNotFoundError);
    await assert.rejects(mustExist({ client }, 'redrive/nobody'), RedriveNotFoundError);
    assert.throws(() => recovery.deadLetters.get(''), InvalidRequestError);
  });
});

/** A connection whose server does not describe workflows. */
function refusing(connection: Connection, code: number): Connection {
  const describeWorkflowExecution = async () => {
    throw Object.assign(new Error('refused'), { code, details: 'refused', metadata: new Metadata() });
  };
  const service = instead(connection.workflowService, { describeWorkflowExecution });
  return instead(connection, { workflowService: service as typeof connection.workflowService });
}

function instead<T extends object>(original: T, replacements: object): T {
  return new Proxy(original, {
    get(target, key) {
      const value: unknown = Reflect.get(key in replacements ? replacements : target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
