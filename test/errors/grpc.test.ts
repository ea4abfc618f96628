import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import * as grpc from '@grpc/grpc-js';
import { ApiLinkerError, type ErrorCategory, retryAfterMs } from '../../common/errors/index.js';
import { refusing, rejection } from './loopback.js';

const identity = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value };
const PATH = '/test.Service/Call';

function call(address: string, deadlineMs = 5_000): Promise<unknown> {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  const options = { deadline: Date.now() + deadlineMs };
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      PATH,
      identity.serialize,
      identity.deserialize,
      Buffer.alloc(0),
      options,
      (error, value) => {
        client.close();
        if (error) reject(error);
        else resolve(value);
      },
    );
  });
}

type Handler = grpc.handleUnaryCall<Buffer, Buffer>;

async function serve(t: TestContext, handler: Handler): Promise<string> {
  const server = new grpc.Server();
  const method = {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: identity.serialize,
    requestDeserialize: identity.deserialize,
    responseSerialize: identity.serialize,
    responseDeserialize: identity.deserialize,
  };
  server.addService({ call: method }, { call: handler });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  t.after(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

const CATEGORIES: Readonly<Record<number, ErrorCategory>> = {
  [grpc.status.CANCELLED]: 'UNKNOWN',
  [grpc.status.UNKNOWN]: 'SERVER',
  [grpc.status.INVALID_ARGUMENT]: 'VALIDATION',
  [grpc.status.DEADLINE_EXCEEDED]: 'TIMEOUT',
  [grpc.status.NOT_FOUND]: 'CLIENT',
  [grpc.status.ALREADY_EXISTS]: 'CLIENT',
  [grpc.status.PERMISSION_DENIED]: 'AUTH',
  [grpc.status.RESOURCE_EXHAUSTED]: 'RATE_LIMIT',
  [grpc.status.FAILED_PRECONDITION]: 'CLIENT',
  [grpc.status.ABORTED]: 'SERVER',
  [grpc.status.OUT_OF_RANGE]: 'VALIDATION',
  [grpc.status.UNIMPLEMENTED]: 'CLIENT',
  [grpc.status.INTERNAL]: 'SERVER',
  [grpc.status.UNAVAILABLE]: 'NETWORK',
  [grpc.status.DATA_LOSS]: 'SERVER',
  [grpc.status.UNAUTHENTICATED]: 'AUTH',
};

for (const [code, category] of Object.entries(CATEGORIES)) {
  test(`gRPC status ${grpc.status[Number(code)]} is ${category}`, async (t) => {
    const metadata = new grpc.Metadata();
    metadata.set('x-request-id', 'req-9');
    const address = await serve(t, (_call, done) =>
      done({ code: Number(code), details: 'token=abc', metadata }),
    );
    const error = ApiLinkerError.fromException(await rejection(() => call(address)));
    assert.equal(error.errorCategory, category);
    assert.equal(error.statusCode, undefined);
    assert.equal(error.correlationId, 'req-9');
    assert.match(error.message, /token=\[REDACTED\]/);
  });
}

test('gRPC: no server listens', async () => {
  const address = (await refusing()).replace('http://', '');
  assert.equal(ApiLinkerError.fromException(await rejection(() => call(address))).errorCategory, 'NETWORK');
});

test('gRPC: no answer before the deadline', async (t) => {
  const address = await serve(t, () => {});
  assert.equal(
    ApiLinkerError.fromException(await rejection(() => call(address, 100))).errorCategory,
    'TIMEOUT',
  );
});

test('gRPC: the wait that a server asks for in its metadata is read', async (t) => {
  const metadata = new grpc.Metadata();
  metadata.set('grpc-retry-pushback-ms', '1500');
  const address = await serve(t, (_call, done) =>
    done({ code: grpc.status.UNAVAILABLE, details: 'd', metadata }),
  );
  assert.equal(retryAfterMs(await rejection(() => call(address)), 0), 1500);
});

/** `google.rpc.Status` with a `RetryInfo` behind another detail. */
function statusDetails(seconds: number, nanos: number): Buffer {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
  const bytes = (number: number, content: readonly number[]) => [
    (number << 3) | 2,
    ...varint(content.length),
    ...content,
  ];
  const text = (value: string) => [...Buffer.from(value)];
  const duration = [8, ...varint(seconds), 16, ...varint(nanos)];
  const any = (type: string, value: readonly number[]) =>
    bytes(3, [...bytes(1, text(`type.googleapis.com/${type}`)), ...bytes(2, value)]);
  return Buffer.from([
    8,
    14,
    ...bytes(2, text('come back later')),
    ...any('google.rpc.DebugInfo', bytes(2, text('x'.repeat(300)))),
    ...any('google.rpc.RetryInfo', bytes(1, duration)),
  ]);
}

test('gRPC: the wait that a server asks for in its status details is read', async (t) => {
  const metadata = new grpc.Metadata();
  metadata.set('grpc-status-details-bin', statusDetails(300, 250_000_000));
  const address = await serve(t, (_call, done) =>
    done({ code: grpc.status.UNAVAILABLE, details: 'd', metadata }),
  );
  assert.equal(retryAfterMs(await rejection(() => call(address)), 0), 300_250);
});

test('gRPC: status details that are cut or no protobuf at all ask for nothing', () => {
  const whole = statusDetails(300, 0);
  for (let length = 0; length < whole.length - 1; length++) {
    const metadata = new grpc.Metadata();
    metadata.set('grpc-status-details-bin', whole.subarray(0, length));
    assert.equal(retryAfterMs({ code: 14, details: 'd', metadata }, 0), undefined, `${length} bytes`);
  }
});
