// More errors of clients that are no dependency of ours: codes in messages and headers, ranges of numbers, and what
// people write in errors of their own.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classifyError, type ErrorCategory } from '../../common/errors/index.js';

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);
const named = (name: string, fields: object = {}, message = 'x') => error(message, { name, ...fields });
const failure = (type: string, message = 'x') => ({ name: 'ApplicationFailure', message, type, stack: '' });
/** As axios gives an answer. */
const http = (status: number, data: unknown, headers: object = {}) =>
  named(
    'AxiosError',
    {
      isAxiosError: true,
      code: status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE',
      response: { status, headers, data },
    },
    `Request failed with status code ${status}`,
  );

const THROWN: readonly (readonly [what: string, thrown: unknown, category: ErrorCategory])[] = [
  [
    'mashery no retry-after',
    http(403, '<h1>Developer Over Rate</h1>', { 'x-mashery-error-code': 'ERR_403_DEVELOPER_OVER_RATE' }),
    'RATE_LIMIT',
  ],
  [
    'vimeo 403 too many',
    http(403, { error: 'Too many API requests. Wait an hour or so, then try again.' }),
    'RATE_LIMIT',
  ],
  [
    'azure devops 403 TF400733',
    http(403, {
      message:
        'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource <Concurrency> in namespace <User>.',
    }),
    'RATE_LIMIT',
  ],
  [
    'imgur 403 over limit',
    http(403, { data: { error: 'User request over the limit', code: 403 }, success: false, status: 403 }),
    'RATE_LIMIT',
  ],
  [
    'firebase auth/network-request-failed',
    named('FirebaseError', { code: 'auth/network-request-failed' }),
    'NETWORK',
  ],
  [
    'firebase storage/retry-limit-exceeded',
    named('FirebaseError', { code: 'storage/retry-limit-exceeded' }),
    'TIMEOUT',
  ],
  [
    'google REST 400 API key',
    http(400, {
      error: {
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
      },
    }),
    'AUTH',
  ],
  ['basic-ftp timeout', error('Timeout (control socket)'), 'TIMEOUT'],
  ['basic-ftp fin', error('Server sent FIN packet unexpectedly, closing connection.'), 'NETWORK'],
  [
    'sftp-client not connected',
    error('put: No SFTP connection available', { code: 'ERR_NOT_CONNECTED', custom: true }),
    'NETWORK',
  ],
  ['pg client', error('Client has encountered a connection error and is not queryable'), 'NETWORK'],
  [
    'planetscale',
    named(
      'DatabaseError',
      { status: 400, body: { message: 'x', code: 'UNKNOWN' } },
      'target: db.-.primary: vttablet: rpc error: code = ResourceExhausted desc = too many connections',
    ),
    'RATE_LIMIT',
  ],
  [
    'oracle NJS-511',
    error('NJS-511: connection to listener at host was refused', { code: 'NJS-511' }),
    'NETWORK',
  ],
  ['oracle NJS-506', error('NJS-506: TLS connection to host was refused', { code: 'NJS-506' }), 'NETWORK'],
  [
    'oracle NJS-116',
    error('NJS-116: password verifier type 0x939 is not supported', { code: 'NJS-116' }),
    'AUTH',
  ],
  ['oracle ORA-25408', error('ORA-25408: can not safely replay call', { code: 'ORA-25408' }), 'NETWORK'],
  ['memcached', error('Server at 1.2.3.4:11211 not available'), 'SERVER'],
  [
    'es NoLivingConnections',
    named('NoLivingConnectionsError', { meta: { statusCode: null } }, 'There are no living connections'),
    'NETWORK',
  ],
  ['clickhouse 241', named('ClickHouseError', { code: '241', type: 'MEMORY_LIMIT_EXCEEDED' }), 'SERVER'],
  ['clickhouse 252', named('ClickHouseError', { code: '252', type: 'TOO_MANY_PARTS' }), 'SERVER'],
  [
    'clickhouse 279',
    named('ClickHouseError', { code: '279', type: 'ALL_CONNECTION_TRIES_FAILED' }),
    'SERVER',
  ],
  [
    'snowflake 390100',
    named(
      'OperationFailedError',
      { code: '390100', sqlState: '08001', data: {} },
      'Incorrect username or password was specified.',
    ),
    'AUTH',
  ],
  [
    'dynamo transaction cancelled conflict',
    named('TransactionCanceledException', {
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
      CancellationReasons: [{ Code: 'TransactionConflict' }],
    }),
    'SERVER',
  ],
  [
    'dynamo transaction throttled',
    named('TransactionCanceledException', {
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
      CancellationReasons: [{ Code: 'ThrottlingError' }],
    }),
    'RATE_LIMIT',
  ],
  [
    'sqs OverLimit',
    named('OverLimit', { $fault: 'client', $metadata: { httpStatusCode: 403 } }),
    'RATE_LIMIT',
  ],
  [
    'aws v2 UnknownEndpoint',
    named('UnknownEndpoint', { code: 'UnknownEndpoint' }, 'Inaccessible host: `x`'),
    'NETWORK',
  ],
  ['aws v2 RequestExpired', error('x', { code: 'RequestExpired', statusCode: 400 }), 'TIMEOUT'],
  [
    'stripe api error no status',
    named('StripeAPIError', { type: 'StripeAPIError', rawType: 'api_error' }),
    'SERVER',
  ],
  ['hubspot message only', error('HTTP-Code: 502\nMessage: Unknown API Status Code!\nBody: "x"'), 'SERVER'],
  [
    'jsforce INVALID_QUERY_LOCATOR',
    named('INVALID_QUERY_LOCATOR', { errorCode: 'INVALID_QUERY_LOCATOR' }),
    'VALIDATION',
  ],
  [
    'binance -1003',
    http(
      418,
      { code: -1003, msg: 'Way too many requests; IP banned until 1700000000000.' },
      { 'retry-after': '120' },
    ),
    'RATE_LIMIT',
  ],
  ['openai conn', named('Error', {}, 'Connection error.'), 'NETWORK'],
  ['pinecone auth', named('PineconeAuthorizationError', {}, 'The API key you provided was rejected'), 'AUTH'],
  ['weaviate', named('WeaviateInsufficientPermissionsError', { code: 7 }, 'Forbidden: x'), 'AUTH'],
  [
    'qdrant resource exhausted',
    named('QdrantClientResourceExhaustedError', { retry_after: 11 }),
    'RATE_LIMIT',
  ],
  [
    'box',
    named('BoxApiError', { responseInfo: { statusCode: 404, headers: {}, body: {}, code: 'not_found' } }),
    'CLIENT',
  ],
  [
    'azure sb comm',
    named('ServiceBusError', { code: 'ServiceCommunicationProblem', retryable: true }),
    'SERVER',
  ],
  [
    'azure eventhub detach',
    named('MessagingError', { code: 'DetachForcedError', retryable: true }),
    'SERVER',
  ],
  ['kafkajs broker not found', named('KafkaJSBrokerNotFound', {}, 'No brokers'), 'NETWORK'],
  ['rdkafka -185', error('Local: Timed out', { code: -185, origin: 'kafka' }), 'TIMEOUT'],
  ['rdkafka -195', error('Local: Broker transport failure', { code: -195, origin: 'local' }), 'NETWORK'],
  ['rdkafka -187', error('Local: All broker connections are down', { code: -187 }), 'NETWORK'],
  ['rdkafka -184 queue', error('Local: Queue full', { code: -184 }), 'RATE_LIMIT'],
  ['rdkafka -169 auth', error('Local: Authentication failure', { code: -169 }), 'AUTH'],
  ['rdkafka 10 size', error('Broker: Message size too large', { code: 10 }), 'VALIDATION'],
  [
    'amqplib 404',
    error('Operation failed: QueueDeclare; 404 (NOT-FOUND) with message "NOT_FOUND - no queue"', {
      code: 404,
      classId: 50,
      methodId: 10,
    }),
    'CLIENT',
  ],
  ['amqplib heartbeat', error('Heartbeat timeout'), 'TIMEOUT'],
  [
    'amqplib handshake',
    error(
      'Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused"',
      { code: 403 },
    ),
    'AUTH',
  ],
  ['mqtt connack', error('connack timeout'), 'TIMEOUT'],
  ['imapflow no conn', named('Error', { code: 'NoConnection' }, 'Connection not available'), 'NETWORK'],
  ['puppeteer net', error('net::ERR_CONNECTION_REFUSED at https://x'), 'NETWORK'],
  ['playwright', named('Error', {}, 'page.goto: net::ERR_NAME_NOT_RESOLVED at https://x/'), 'NETWORK'],
  ['ws closed', error('WebSocket was closed before the connection was established'), 'NETWORK'],
  ['ws not open', error('WebSocket is not open: readyState 3 (CLOSED)'), 'NETWORK'],
  ['opossum open', error('Breaker is open', { code: 'EOPENBREAKER' }), 'SERVER'],
  ['real: raw error', error('x', { raw: error('y', { code: 'ECONNREFUSED' }) }), 'NETWORK'],
  [
    'real: err plain after wire',
    {
      name: 'Error',
      message: 'x',
      stack: 'Error: x\n    at a',
      error: {
        name: 'Error',
        message: 'connect ECONNREFUSED 1.2.3.4:80',
        stack: 'Error: connect\n    at b (x.js:1:1)',
        code: 'ECONNREFUSED',
      },
    },
    'NETWORK',
  ],
  [
    'azure headers only',
    named('RestError', {
      statusCode: 403,
      response: { status: 403, headers: { 'x-ms-error-code': 'AuthenticationFailed' } },
    }),
    'AUTH',
  ],
  [
    'axios aws throttle header',
    http(400, { message: 'Rate exceeded' }, { 'x-amzn-errortype': 'ThrottlingException:http://internal' }),
    'RATE_LIMIT',
  ],
  [
    'axios aws expired',
    http(
      403,
      { message: 'The security token included in the request is expired' },
      { 'x-amzn-errortype': 'ExpiredTokenException' },
    ),
    'AUTH',
  ],
  [
    'axios dynamo body type',
    http(400, { __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException' }),
    'RATE_LIMIT',
  ],
  ['400 rate limit text', http(400, { error: 'Rate limit exceeded' }), 'RATE_LIMIT'],
  ['400 storage quota', http(400, { error: 'Storage quota exceeded' }), 'CLIENT'],
  [
    'docusign hourly 400',
    http(400, {
      errorCode: 'HOURLY_APIINVOCATION_LIMIT_EXCEEDED',
      message: 'The maximum number of hourly API invocations has been exceeded.',
    }),
    'RATE_LIMIT',
  ],
  ['docusign burst', http(400, { errorCode: 'BURST_APIINVOCATION_LIMIT_EXCEEDED' }), 'RATE_LIMIT'],
  // As the libraries throw them at a local server.
  [
    'Linear, whose wait is on the error inside',
    named('ForbiddenLinearError', {
      status: 403,
      raw: error('GraphQL Error (Code: 403)', {
        response: { status: 403, headers: new Headers({ 'retry-after': '7' }) },
      }),
    }),
    'RATE_LIMIT',
  ],
  [
    'Linear, without a wait',
    named('ForbiddenLinearError', { status: 403, raw: error('x', { response: { status: 403 } }) }),
    'AUTH',
  ],
  [
    'Mailgun, without an answer in time',
    error('ECONNABORTED', { status: 400, details: 'timeout of 200ms exceeded', type: 'MailgunAPIError' }),
    'TIMEOUT',
  ],
  [
    'Airtable, of an answer it does not know',
    { error: 'UNEXPECTED_ERROR', message: 'bad', statusCode: 400 },
    'CLIENT',
  ],
  [
    'node-vault, whose headers are lost',
    error('Status 403', { response: { statusCode: 403, body: { message: 'secondary rate limit' } } }),
    'RATE_LIMIT',
  ],
  [
    'aws sdk rust/java quota header',
    http(403, '{"message":"Limit Exceeded"}', { 'x-amzn-errortype': 'LimitExceededException' }),
    'RATE_LIMIT',
  ],
  [
    'apim 403 quota',
    http(403, {
      statusCode: 403,
      message: 'Out of call volume quota. Quota will be replenished in 00:42:10.',
    }),
    'RATE_LIMIT',
  ],
  ['wso2 900803', http(403, { fault: { code: 900803, message: 'Message throttled out' } }), 'RATE_LIMIT'],
  [
    'maps over_query_limit 200',
    error('x', {
      data: { status: 'OVER_QUERY_LIMIT', error_message: 'You have exceeded your daily request quota' },
      response: { status: 200, data: { status: 'OVER_QUERY_LIMIT' } },
    }),
    'RATE_LIMIT',
  ],
  [
    'maps request_denied',
    error('x', {
      response: {
        status: 200,
        data: { status: 'REQUEST_DENIED', error_message: 'The provided API key is invalid.' },
      },
    }),
    'AUTH',
  ],
  [
    'google ads',
    named('GoogleAdsFailure', {
      errors: [
        {
          error_code: { quota_error: 'RESOURCE_EXHAUSTED' },
          message: 'Too many requests. Retry in 30 seconds.',
        },
      ],
    }),
    'RATE_LIMIT',
  ],
  [
    'redshift serializable',
    error('1023 DETAIL: Serializable isolation violation on table', { code: 'XX000', severity: 'ERROR' }),
    'SERVER',
  ],
  [
    'db2',
    named(
      'Error',
      { sqlcode: -911, state: '40001' },
      '[IBM][CLI Driver][DB2/LINUXX8664] SQL0911N  The current transaction has been rolled back because of a deadlock or timeout.  SQLSTATE=40001',
    ),
    'SERVER',
  ],
  [
    'db2 dup',
    named('Error', { sqlcode: -803, state: '23505' }, '[IBM][CLI Driver][DB2] SQL0803N ... SQLSTATE=23505'),
    'VALIDATION',
  ],
  [
    'odbc login',
    named(
      'Error',
      { odbcErrors: [{ state: '28000', code: 18456, message: 'Login failed' }] },
      '[odbc] Error connecting to the database',
    ),
    'AUTH',
  ],
  [
    'node:sqlite',
    error('UNIQUE constraint failed: t.id', {
      code: 'ERR_SQLITE_ERROR',
      errcode: 1555,
      errstr: 'constraint failed',
    }),
    'VALIDATION',
  ],
  ['libsql', named('LibsqlError', { code: 'SQLITE_BUSY', rawCode: 5 }), 'SERVER'],
  ['d1', error('D1_ERROR: UNIQUE constraint failed: t.id: SQLITE_CONSTRAINT'), 'VALIDATION'],
  ['d1 overload', error('D1_ERROR: D1 DB is overloaded. Too many requests queued.'), 'RATE_LIMIT'],
  [
    'zookeeper',
    named('Exception', { code: -4, name: 'CONNECTION_LOSS' }, 'Exception: CONNECTION_LOSS[-4]'),
    'NETWORK',
  ],
  ['samba', error('STATUS_LOGON_FAILURE (0xC000006D)', { code: 'STATUS_LOGON_FAILURE' }), 'AUTH'],
];

describe('more errors by their shape', () => {
  for (const [what, thrown, category] of THROWN) {
    test(`${what} is ${category}`, () => assert.equal(classifyError(thrown).category, category));
  }
});

/** Words and numbers that services use as well. */
const OF_THE_USER: readonly unknown[] = [
  error('Invoice 404 not found'),
  error('Customer has no active subscription'),
  error('bad state', { code: 7 }),
  error('Player has 500 points', { points: 500 }),
  error('Order rejected', { status: 'REJECTED', orderId: 404 }),
  error('the network of partners is empty'),
  error('the time of the timeout column is missing'),
  named('AssertionError', { code: 'ERR_ASSERTION', actual: 403, expected: 200 }, '403 == 200'),
  failure('DuplicateOrderError', 'order exists'),
  failure('InvalidOrder', 'bad'),
  error('User chose a password that was used before'),
  error('Unexpected token in the template at line 3'),
  error('Import of row failed', { raw: { message: 'Status 503 of the tower', stack: '3', status: 503 } }),
  error('row rejected', { source: { message: 'connection timed out', stack: 'A-4', id: 1 } }),
  error('row rejected', { detail: { message: 'Access denied for user', stack: 'bay 4' } }),
  error('Order 404 not found in warehouse'),
  error('Error 1062 units missing'),
  error('Payment 503 declined by the risk rules'),
  error('Forbidden combination of options', {}),
  error('Unauthorized discount of 40 %'),
  error('The breaker panel of the house is open'),
  error('Ticket status: 404'),
  error('Machine returned status 200 with defects'),
  error('certificate of origin missing'),
  failure('PaymentAuthorizationError', 'card issuer said no'),
  failure('CardAuthorizationFailed', 'no'),
  failure('InventoryExhausted', 'no more'),
  error('reset counter at 5 m'),
  error('Row 5: value out of range', { row: 5 }),
  error('SKU-503 Service part missing'),
  named('OutOfStockError', { sku: 'A-500', available: 0 }),
  error('x', { code: 'ORDER_CLOSED' }),
  error('x', { type: 'shipment', detail: 'box was lost' }),
  error('x', { code: '22001', city: 'Graz' }),
  error('x', { code: 14, path: ['lines', 0] }),
  error('x', { code: 3, method: 'bank transfer' }),
  error('x', { code: 5, meta: { source: 'import' } }),
  error('x', { response: 'customer said 429' }),
  error('x', { data: { status: 404, order: 'A' } }),
  error('x', { details: [{ code: 503, sku: 'A' }] }),
];

describe('what people write in errors of their own stays UNKNOWN', () => {
  for (const [i, thrown] of OF_THE_USER.entries()) {
    test(`${i}: ${JSON.stringify(thrown)} ${(thrown as Error).message}`, () => {
      assert.equal(classifyError(thrown).category, 'UNKNOWN');
    });
  }
});
