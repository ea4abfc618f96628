// Errors of clients that are no dependency of ours, written down property by property as the libraries make them. Each
// line is one error; the comment of a group names the libraries.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outcomeOf } from '../../common/circuit-breaker/outcome.js';
import { classifyError, type ErrorCategory, retryAfterMs } from '../../common/errors/index.js';
import { defaultPatience } from '../../common/strategies/patience.js';

type Line = readonly [what: string, thrown: unknown, category: ErrorCategory, status?: number];

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);
const named = (name: string, fields: object = {}, message = 'x') => error(message, { name, ...fields });
/** As fetch gives an answer, with what its body says beside it. */
const http = (status: number, data: unknown, headers: object = {}) =>
  error(`HTTP ${status}`, { response: { status, headers, data } });

const GROUPS: Readonly<Record<string, readonly Line[]>> = {
  'quotas as 403 (Octokit, googleapis, Cloudflare)': [
    [
      'Retry-After',
      { status: 403, response: { headers: { 'retry-after': '60', 'x-ratelimit-remaining': '4990' } } },
      'RATE_LIMIT',
      403,
    ],
    [
      'GitHub in words',
      named(
        'HttpError',
        { status: 403, response: { headers: {} } },
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      ),
      'RATE_LIMIT',
    ],
    ['empty allowance', http(403, {}, { 'x-ratelimit-remaining': '0' }), 'RATE_LIMIT'],
    [
      'reason of Google',
      http(403, {
        error: { code: 403, errors: [{ domain: 'usageLimits', reason: 'userRateLimitExceeded' }] },
      }),
      'RATE_LIMIT',
    ],
    [
      'reason of Google, on the error',
      { code: 403, message: 'x', errors: [{ domain: 'usageLimits', reason: 'quotaExceeded' }] },
      'RATE_LIMIT',
    ],
    [
      'Salesforce',
      http(403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]),
      'RATE_LIMIT',
    ],
    ['Cloudflare', http(403, 'error code: 1015. You are being rate limited'), 'RATE_LIMIT'],
    ['a code by its words', http(403, { code: 'ApiDailyLimitExceeded' }), 'RATE_LIMIT'],
    ['plain', http(403, { message: 'Resource not accessible by integration' }), 'AUTH', 403],
    ['allowance that is left', http(403, {}, { 'x-ratelimit-remaining': '12' }), 'AUTH'],
    ['talk of limits', http(403, { message: 'You lack permission to read the rate limit settings' }), 'AUTH'],
    ['storage that is full', http(403, { message: 'The user has exceeded their storage quota' }), 'AUTH'],
  ],
  'codes of RPC (Connect, nice-grpc, grpc-web, protobuf-ts, Twirp, tRPC, JSON-RPC)': [
    ...(
      [
        [3, 'VALIDATION'],
        [4, 'TIMEOUT'],
        [5, 'CLIENT'],
        [7, 'AUTH'],
        [8, 'RATE_LIMIT'],
        [13, 'SERVER'],
        [14, 'NETWORK'],
        [16, 'AUTH'],
      ] as const
    ).map(
      ([code, category]): Line => [
        `Connect ${code}`,
        named('ConnectError', { code, rawMessage: 'bad', metadata: new Headers(), details: [] }),
        category,
      ],
    ),
    ['nice-grpc', named('ClientError', { code: 14, details: 'x', path: '/a.B/C' }), 'NETWORK'],
    ['grpc-web', named('RpcError', { code: 8, metadata: {} }), 'RATE_LIMIT'],
    [
      'protobuf-ts',
      named('RpcError', { code: 'UNAVAILABLE', meta: {}, methodName: 'C', serviceName: 'a.B' }),
      'NETWORK',
    ],
    ['Twirp', named('TwirpError', { code: 'invalid_argument', meta: {} }), 'VALIDATION'],
    ['details that are no text', { code: 4, details: [{}], metadata: {} }, 'TIMEOUT'],
    [
      'tRPC client',
      named('TRPCClientError', {
        shape: { code: -32001, message: 'x', data: { code: 'UNAUTHORIZED', httpStatus: 401 } },
        data: { code: 'UNAUTHORIZED', httpStatus: 401, path: 'a' },
      }),
      'AUTH',
      401,
    ],
    [
      'tRPC client, quota',
      named('TRPCClientError', { data: { code: 'TOO_MANY_REQUESTS', httpStatus: 429, path: 'a' } }),
      'RATE_LIMIT',
      429,
    ],
    ['tRPC in process', named('TRPCError', { code: 'TIMEOUT' }), 'TIMEOUT'],
    ['JSON-RPC params', { code: -32602, message: 'Invalid params' }, 'VALIDATION'],
    ['JSON-RPC method', { code: -32601, message: 'Method not found' }, 'CLIENT'],
    ['JSON-RPC internal', { code: -32603, message: 'Internal error', data: {} }, 'SERVER'],
    ['JSON-RPC of a server', { code: -32050, message: 'x' }, 'SERVER'],
    ['JSON-RPC limit', { code: -32005, message: 'x' }, 'RATE_LIMIT'],
    [
      'JSON-RPC in an answer',
      http(200, { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'x' } }),
      'VALIDATION',
    ],
    ['Firebase', named('FirebaseError', { code: 'functions/resource-exhausted' }), 'RATE_LIMIT'],
    [
      'Python',
      named(
        'ApplicationFailure',
        { type: '_InactiveRpcError' },
        '<_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.DEADLINE_EXCEEDED',
      ),
      'TIMEOUT',
    ],
    ['Go', error('rpc error: code = ResourceExhausted desc = x'), 'RATE_LIMIT'],
    ['Connect, by its message', error('[permission_denied] no'), 'AUTH'],
    ['a number that is no code of RPC', { code: 3, message: 'x' }, 'UNKNOWN'],
  ],
  'statuses that no server sent (Octokit)': [
    [
      'refused',
      named('HttpError', {
        status: 500,
        request: {},
        response: undefined,
        cause: error('connect', { code: 'ECONNREFUSED' }),
      }),
      'NETWORK',
      undefined,
    ],
    [
      'timed out',
      named('HttpError', { status: 500, request: {}, cause: named('TimeoutError') }),
      'TIMEOUT',
      undefined,
    ],
    [
      'by its message',
      named('HttpError', { status: 500, request: {} }, 'connect ECONNREFUSED 127.0.0.1:1'),
      'NETWORK',
      undefined,
    ],
    [
      'its own answer',
      named('HttpError', {
        status: 500,
        response: { status: 500, headers: {} },
        cause: error('connect', { code: 'ECONNREFUSED' }),
      }),
      'SERVER',
      500,
    ],
    ['aborted', named('AbortError', { status: 500 }), 'UNKNOWN', undefined],
  ],
  'a code that only looks like a status': [
    ['beside nothing', { code: 503, message: 'x' }, 'UNKNOWN', undefined],
    ['beside an answer', { code: '503', response: {}, message: 'x' }, 'SERVER', 503],
    ['beside a phrase of HTTP', error('503 Service Unavailable', { code: 503 }), 'SERVER', 503],
  ],
  'FTP (basic-ftp, promise-ftp)': [
    ['421', named('FTPError', { code: 421 }, '421 Too many connections'), 'NETWORK', undefined],
    ['421 without a name', error('421 Too many connections', { code: 421 }), 'NETWORK', undefined],
    ['425', named('FTPError', { code: 425 }), 'NETWORK'],
    ['450', named('FTPError', { code: 450 }), 'SERVER'],
    ['452', named('FTPError', { code: 452 }), 'SERVER'],
    ['530', named('FTPError', { code: 530 }), 'AUTH', undefined],
    ['550', named('FTPError', { code: 550 }), 'CLIENT', undefined],
    ['553', named('FTPError', { code: 553 }), 'CLIENT'],
  ],
  'SMTP and IMAP (nodemailer, smtplib, imapflow, node-imap)': [
    [
      'greylisted',
      error('x', {
        code: 'EENVELOPE',
        responseCode: 450,
        response: '450 4.2.0 greylisted',
        command: 'RCPT TO',
      }),
      'SERVER',
      undefined,
    ],
    [
      'closing',
      error('x', { code: 'EENVELOPE', responseCode: 421, response: '421 4.7.0 x', command: 'RCPT TO' }),
      'NETWORK',
    ],
    [
      'no such user',
      error('x', { code: 'EENVELOPE', responseCode: 550, response: '550 5.1.1 x', command: 'RCPT TO' }),
      'CLIENT',
    ],
    [
      'wrong password',
      error('x', { code: 'EAUTH', responseCode: 535, response: '535 5.7.8 x', command: 'AUTH PLAIN' }),
      'AUTH',
    ],
    [
      'log-in fails for now',
      error('x', { code: 'EAUTH', responseCode: 454, response: '454 4.7.0 x', command: 'AUTH PLAIN' }),
      'SERVER',
    ],
    ['no connection', error('x', { code: 'ECONNECTION', command: 'CONN' }), 'NETWORK'],
    ['smtplib', named('ApplicationFailure', { type: 'SMTPAuthenticationError' }), 'AUTH'],
    [
      'imapflow',
      error('Command failed', { authenticationFailed: true, serverResponseCode: 'AUTHENTICATIONFAILED' }),
      'AUTH',
    ],
    ['node-imap', error('x', { source: 'timeout' }), 'TIMEOUT'],
  ],
  'SSH and SFTP (ssh2, ssh2-sftp-client)': [
    [
      'log-in',
      error('All configured authentication methods failed', { level: 'client-authentication' }),
      'AUTH',
    ],
    ['log-in, by its message', error('All configured authentication methods failed'), 'AUTH'],
    ['handshake', error('Timed out while waiting for handshake', { level: 'client-timeout' }), 'TIMEOUT'],
    ['no such file', error('No such file', { code: 2 }), 'CLIENT'],
    ['denied', error('Permission denied', { code: 3 }), 'AUTH'],
    ['lost', error('Connection lost', { code: 7 }), 'NETWORK'],
    ['no such file of the client', error('get: No such file /x', { code: 'ENOENT' }), 'CLIENT'],
    ['a file of this machine', error('x', { code: 'ENOENT', syscall: 'open' }), 'UNKNOWN'],
  ],
  'AMQP and LDAP (amqplib, ldapjs, ldapts)': [
    ['refused', error('x', { code: 403, classId: 10, methodId: 40 }), 'AUTH', undefined],
    ['not found', error('x', { code: 404, classId: 50, methodId: 10 }), 'CLIENT', undefined],
    ['forced', error('x', { code: 320, classId: 0, methodId: 0 }), 'NETWORK'],
    ['wrong password', named('InvalidCredentialsError', { lde_message: 'x', code: 49 }), 'AUTH'],
    ['busy', named('LDAPError', { code: 51 }), 'SERVER'],
  ],
  'PostgreSQL (pg, postgres.js, Prisma, TypeORM, Sequelize)': [
    ...(
      [
        ['08006', 'NETWORK'],
        ['40001', 'SERVER'],
        ['40P01', 'SERVER'],
        ['53300', 'SERVER'],
        ['55P03', 'SERVER'],
        ['57P01', 'SERVER'],
        ['57014', 'TIMEOUT'],
        ['22P02', 'VALIDATION'],
        ['23505', 'VALIDATION'],
        ['23503', 'VALIDATION'],
        ['42P01', 'CLIENT'],
        ['42601', 'CLIENT'],
        ['42501', 'AUTH'],
        ['28P01', 'AUTH'],
        ['28000', 'AUTH'],
        ['XX000', 'SERVER'],
      ] as const
    ).map(
      ([code, category]): Line => [code, error('x', { code, severity: 'ERROR', routine: 'f' }), category],
    ),
    ['without its class', { code: '23505', severity: 'ERROR' }, 'VALIDATION'],
    [
      'TypeORM',
      named('QueryFailedError', {
        query: 'select',
        driverError: error('x', { code: '40P01', severity: 'ERROR' }),
      }),
      'SERVER',
    ],
    [
      'Sequelize',
      named('SequelizeDatabaseError', { original: error('x', { code: '57P03', severity: 'FATAL' }) }),
      'SERVER',
    ],
    [
      'Sequelize, refused',
      named('SequelizeConnectionRefusedError', { parent: error('x', { code: 'ECONNREFUSED' }) }),
      'NETWORK',
    ],
    ['Prisma, unique', named('PrismaClientKnownRequestError', { code: 'P2002', meta: {} }), 'VALIDATION'],
    ['Prisma, pool', named('PrismaClientKnownRequestError', { code: 'P2024', meta: {} }), 'TIMEOUT'],
    ['Prisma, conflict', named('PrismaClientKnownRequestError', { code: 'P2034', meta: {} }), 'SERVER'],
    [
      'Prisma, raw',
      named('PrismaClientKnownRequestError', { code: 'P2010', meta: { code: '40001' } }),
      'SERVER',
    ],
    ['Supabase', { code: '23505', details: null, hint: null, message: 'x' }, 'VALIDATION'],
    ['password, by its message', error('password authentication failed for user "app"'), 'AUTH'],
  ],
  'MySQL (mysql2, mariadb)': [
    ...(
      [
        ['ER_LOCK_DEADLOCK', 1213, '40001', 'SERVER'],
        ['ER_LOCK_WAIT_TIMEOUT', 1205, 'HY000', 'SERVER'],
        ['ER_CON_COUNT_ERROR', 1040, '08004', 'SERVER'],
        ['ER_TOO_MANY_USER_CONNECTIONS', 1203, '42000', 'SERVER'],
        ['ER_ACCESS_DENIED_ERROR', 1045, '28000', 'AUTH'],
        ['ER_DUP_ENTRY', 1062, '23000', 'VALIDATION'],
        ['ER_DATA_TOO_LONG', 1406, '22001', 'VALIDATION'],
        ['ER_PARSE_ERROR', 1064, '42000', 'CLIENT'],
        ['ER_NO_SUCH_TABLE', 1146, '42S02', 'CLIENT'],
      ] as const
    ).map(
      ([code, errno, sqlState, category]): Line => [
        code,
        error('x', { code, errno, sqlState, sqlMessage: 'x' }),
        category,
      ],
    ),
    ['a number without its name', error('x', { errno: 1213, sqlState: 'HY000', sqlMessage: 'x' }), 'SERVER'],
    ['lost', error('x', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }), 'NETWORK'],
  ],
  'SQL Server and Oracle (tedious, mssql, oracledb)': [
    ...(
      [
        [1205, 'SERVER'],
        [1222, 'SERVER'],
        [40501, 'SERVER'],
        [40613, 'SERVER'],
        [10928, 'SERVER'],
        [18456, 'AUTH'],
        [2627, 'VALIDATION'],
        [2601, 'VALIDATION'],
        [547, 'VALIDATION'],
        [208, 'CLIENT'],
      ] as const
    ).map(
      ([number, category]): Line => [
        String(number),
        named('RequestError', {
          code: 'EREQUEST',
          number,
          state: 1,
          class: 14,
          serverName: 's',
          procName: '',
          lineNumber: 1,
        }),
        category,
      ],
    ),
    ['ELOGIN', named('ConnectionError', { code: 'ELOGIN' }, "Login failed for user 'sa'."), 'AUTH'],
    ['ESOCKET', named('ConnectionError', { code: 'ESOCKET' }), 'NETWORK'],
    ['ETIMEOUT', named('RequestError', { code: 'ETIMEOUT' }), 'TIMEOUT'],
    [
      'ORA-00001',
      error('ORA-00001: unique constraint violated', { errorNum: 1, code: 'ORA-00001' }),
      'VALIDATION',
    ],
    ['ORA-00060', error('ORA-00060: deadlock detected', { errorNum: 60 }), 'SERVER'],
    ['ORA-01017', error('ORA-01017: invalid username/password', { errorNum: 1017 }), 'AUTH'],
    ['ORA-12541', error('ORA-12541: no listener'), 'NETWORK'],
    ['NJS-040', error('NJS-040: connection request timeout', { code: 'NJS-040' }), 'TIMEOUT'],
  ],
  'MongoDB, Redis, SQLite, Kafka, Elasticsearch': [
    ['duplicate', named('MongoServerError', { code: 11000 }), 'VALIDATION'],
    [
      'write conflict',
      named('MongoServerError', { code: 112, errorLabelSet: new Set(['TransientTransactionError']) }),
      'SERVER',
    ],
    [
      'a label alone',
      named('MongoServerError', { code: 99999, errorLabelSet: new Set(['RetryableWriteError']) }),
      'SERVER',
    ],
    ['log-in', named('MongoServerError', { code: 18, codeName: 'AuthenticationFailed' }), 'AUTH'],
    ['time-out', named('MongoServerError', { code: 50 }), 'TIMEOUT'],
    ['no server', named('MongoServerSelectionError'), 'NETWORK'],
    ['WRONGPASS', named('ReplyError', {}, 'WRONGPASS invalid username-password pair'), 'AUTH'],
    ['LOADING', named('ReplyError', {}, 'LOADING Redis is loading the dataset in memory'), 'SERVER'],
    ['WRONGTYPE', named('ReplyError', {}, 'WRONGTYPE Operation against a key'), 'CLIENT'],
    ['SQLITE_BUSY', named('SqliteError', { code: 'SQLITE_BUSY' }), 'SERVER'],
    ['SQLITE_CONSTRAINT_UNIQUE', named('SqliteError', { code: 'SQLITE_CONSTRAINT_UNIQUE' }), 'VALIDATION'],
    [
      'no leader',
      named('KafkaJSProtocolError', { type: 'NOT_LEADER_FOR_PARTITION', retriable: true, code: 6 }),
      'SERVER',
    ],
    ['topic denied', named('KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED', code: 29 }), 'AUTH'],
    [
      'Elasticsearch',
      named('ResponseError', {
        meta: { statusCode: 429, headers: {}, body: { error: { type: 'es_rejected_execution_exception' } } },
      }),
      'RATE_LIMIT',
      429,
    ],
  ],
  'vendors without a status (jsforce, Slack, OAuth, Meta, Microsoft)': [
    [
      'Salesforce quota',
      named('REQUEST_LIMIT_EXCEEDED', { errorCode: 'REQUEST_LIMIT_EXCEEDED' }),
      'RATE_LIMIT',
    ],
    ['Salesforce session', named('INVALID_SESSION_ID', { errorCode: 'INVALID_SESSION_ID' }), 'AUTH'],
    ['Salesforce status', named('ERROR_HTTP_503', { errorCode: 'ERROR_HTTP_503' }), 'SERVER', 503],
    [
      'Salesforce field',
      named('REQUIRED_FIELD_MISSING', { errorCode: 'REQUIRED_FIELD_MISSING' }),
      'VALIDATION',
    ],
    ['Salesforce lock', named('UNABLE_TO_LOCK_ROW'), 'SERVER'],
    ['Salesforce lock with its status', http(400, [{ errorCode: 'UNABLE_TO_LOCK_ROW' }]), 'SERVER', 400],
    [
      'Slack quota',
      error('An API error occurred: ratelimited', {
        code: 'slack_webapi_platform_error',
        data: { ok: false, error: 'ratelimited' },
      }),
      'RATE_LIMIT',
    ],
    [
      'Slack token',
      error('x', { code: 'slack_webapi_platform_error', data: { ok: false, error: 'token_revoked' } }),
      'AUTH',
    ],
    [
      'Slack channel',
      error('x', { code: 'slack_webapi_platform_error', data: { ok: false, error: 'channel_not_found' } }),
      'CLIENT',
    ],
    ['Slack server', http(200, { ok: false, error: 'internal_error' }), 'SERVER'],
    [
      'OAuth',
      http(400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' }),
      'AUTH',
      400,
    ],
    ['OAuth, text', error('HTTP 400', { status: 400, body: '{"error":"invalid_grant"}' }), 'AUTH', 400],
    ['OAuth, later', http(400, { error: 'slow_down' }), 'RATE_LIMIT', 400],
    ['OAuth, scope', http(400, { error: 'invalid_scope' }), 'CLIENT', 400],
    [
      'Meta quota',
      http(400, { error: { code: 17, type: 'OAuthException', fbtrace_id: 'A' } }),
      'RATE_LIMIT',
      400,
    ],
    [
      'Telegram',
      { ok: false, error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 5 } },
      'RATE_LIMIT',
    ],
    ['Microsoft Graph', http(400, { error: { code: 'activityLimitReached' } }), 'RATE_LIMIT', 400],
    ['unlisted words', named('X', { errorCode: 'TENANT_QUOTA_EXCEEDED' }), 'RATE_LIMIT'],
    ['words of a log-in', named('X', { errorCode: 'SESSION_TOKEN_EXPIRED' }), 'AUTH'],
    ['words of a field', named('X', { errorCode: 'MissingRequiredField' }), 'VALIDATION'],
    ['words of a record', named('X', { errorCode: 'customer_not_found' }), 'CLIENT'],
    ['words of a server', named('X', { errorCode: 'E_BACKEND_UNAVAILABLE' }), 'SERVER'],
    ['a name that only begins like X.509', named('UNABLE_TO_SHIP_ORDER'), 'UNKNOWN'],
    ['X.509', named('Error', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }), 'NETWORK'],
  ],
  'GraphQL and SOAP (graphql-request, Apollo, urql, soap, strong-soap)': [
    ...(
      [
        ['THROTTLED', 'RATE_LIMIT'],
        ['UNAUTHENTICATED', 'AUTH'],
        ['FORBIDDEN', 'AUTH'],
        ['BAD_USER_INPUT', 'VALIDATION'],
        ['GRAPHQL_VALIDATION_FAILED', 'VALIDATION'],
        ['INTERNAL_SERVER_ERROR', 'SERVER'],
        ['OutOfQuota', 'RATE_LIMIT'],
        ['PLAN_QUOTA_EXCEEDED', 'RATE_LIMIT'],
      ] as const
    ).map(
      ([code, category]): Line => [
        code,
        error('x', { response: { status: 200, errors: [{ message: 'x', extensions: { code } }] } }),
        category,
        200,
      ],
    ),
    [
      'without a message',
      { response: { status: 200, errors: [{ extensions: { code: 'THROTTLED' } }] } },
      'RATE_LIMIT',
      200,
    ],
    [
      'Apollo',
      named('ApolloError', { graphQLErrors: [{ message: 'x', extensions: { code: 'UNAUTHENTICATED' } }] }),
      'AUTH',
    ],
    [
      'Apollo, the network',
      named('ApolloError', { graphQLErrors: [], networkError: error('x', { code: 'ECONNRESET' }) }),
      'NETWORK',
    ],
    [
      'with status 400',
      http(400, { errors: [{ message: 'x', extensions: { code: 'UNAUTHENTICATED' } }] }),
      'AUTH',
      400,
    ],
    [
      'GitHub',
      http(200, { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] }),
      'RATE_LIMIT',
      200,
    ],
    [
      'SOAP client',
      {
        message: 'soap:Client: Field Email is required',
        response: { status: 500 },
        root: { Envelope: { Body: { Fault: { faultcode: 'soap:Client' } } } },
      },
      'VALIDATION',
      500,
    ],
    [
      'SOAP server',
      {
        message: 'soap:Server: x',
        response: { status: 500 },
        root: { Envelope: { Body: { Fault: { faultcode: 'soap:Server' } } } },
      },
      'SERVER',
      500,
    ],
    [
      'SOAP 1.2',
      {
        message: 'x',
        response: { status: 500 },
        root: { Envelope: { Body: { Fault: { Code: { Value: 'env:Sender' }, Reason: {} } } } },
      },
      'VALIDATION',
    ],
    [
      'SOAP 1.2, log-in',
      http(
        500,
        '<e:Envelope><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>wsse:FailedAuthentication</e:Value></e:Subcode></e:Code></e:Fault></e:Body></e:Envelope>',
      ),
      'AUTH',
      500,
    ],
    [
      'SOAP as text',
      http(
        500,
        '<soap:Envelope><soap:Body><soap:Fault><faultcode>soap:Client</faultcode></soap:Fault></soap:Body></soap:Envelope>',
      ),
      'VALIDATION',
      500,
    ],
  ],
  'places of generated SDKs (Kiota, Fern, Stainless, Speakeasy, OpenAPI, Azure, Google)': [
    ['Kiota', { responseStatusCode: 429 }, 'RATE_LIMIT', 429],
    [
      'Fern',
      named('X', { statusCode: 429, rawResponse: { status: 429, headers: new Headers() } }),
      'RATE_LIMIT',
      429,
    ],
    ['Speakeasy', named('SDKError', { httpMeta: { response: { status: 503 } } }), 'SERVER', 503],
    [
      'Stainless',
      named('APIError', { status: 422, headers: new Headers(), error: { message: 'x' } }),
      'VALIDATION',
      422,
    ],
    ['OpenAPI', named('ResponseError', { response: new Response('', { status: 404 }) }), 'CLIENT', 404],
    [
      'Azure',
      named('RestError', { statusCode: 503, code: 'ServerBusy', response: { status: 503, headers: {} } }),
      'SERVER',
      503,
    ],
    [
      'Google',
      named('GaxiosError', { code: '429', response: { status: 429, headers: {} } }),
      'RATE_LIMIT',
      429,
    ],
    [
      'Google in JSON',
      http(400, { error: { code: 400, status: 'FAILED_PRECONDITION', message: 'x' } }),
      'CLIENT',
      400,
    ],
    ['problem details', { message: 'x', data: { title: 'Too many', status: 429 } }, 'RATE_LIMIT', 429],
  ],
  'come back (a 4xx with Retry-After)': [
    ...[403, 409, 413, 423, 425].map(
      (status): Line => [`${status}`, http(status, {}, { 'retry-after': '2' }), 'RATE_LIMIT', status],
    ),
    ['an HTTP date', http(423, {}, { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }), 'RATE_LIMIT', 423],
    ['408 stays', http(408, {}, { 'retry-after': '2' }), 'TIMEOUT', 408],
    ['503 stays', http(503, {}, { 'retry-after': '2' }), 'SERVER', 503],
    ['nonsense', http(423, {}, { 'retry-after': 'soon' }), 'CLIENT', 423],
    ['nothing', http(423, {}), 'CLIENT', 423],
  ],
  'labels (node-fetch, superagent, needle, Python)': [
    ['node-fetch', named('FetchError', { type: 'request-timeout' }), 'TIMEOUT'],
    ['node-fetch, body', named('FetchError', { type: 'body-timeout' }), 'TIMEOUT'],
    [
      'node-fetch, HTML',
      named('FetchError', { type: 'invalid-json' }, 'invalid json response body'),
      'SERVER',
    ],
    ['node-fetch, size', named('FetchError', { type: 'max-size' }), 'CLIENT'],
    [
      'superagent',
      error('Timeout of 100ms exceeded', { code: 'ECONNABORTED', errno: 'ETIME', timeout: 100 }),
      'TIMEOUT',
    ],
    ['class name', new (class ReadTimeoutError extends Error {})('x'), 'TIMEOUT'],
    ['detail', error('x', { detail: 'Connection reset by peer' }), 'NETWORK'],
    ['number', error('x', { errno: -104 }), 'NETWORK'],
    ['number of Python', named('ApplicationFailure', { type: 'OSError', errno: 110 }), 'TIMEOUT'],
    ['HTML', new SyntaxError('Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON'), 'SERVER'],
    ['HTML in words', error('Expected JSON, got text/html'), 'SERVER'],
    ['XML', error('Unclosed root tag'), 'SERVER'],
    ['words', error('the connection was closed by the server'), 'NETWORK'],
  ],
  'one more of each kind': [
    [
      'Shopify',
      named('E', { status: 403, response: { status: 403 } }, 'Exceeded 2 calls per second for api client.'),
      'RATE_LIMIT',
    ],
    ['MCP', error('MCP error -32001: Request timed out', { code: -32001 }), 'TIMEOUT'],
    ['smtplib', { name: 'ApplicationFailure', type: 'SMTPServerDisconnected', message: 'x' }, 'NETWORK'],
    [
      'SOAP-ENV',
      error('x', {
        response: { status: 500 },
        body: '<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode></SOAP-ENV:Fault>',
      }),
      'VALIDATION',
      500,
    ],
    ['an answer within an error', error('x', { error: { response: { status: 503 } } }), 'SERVER', 503],
    ['Neo4j', named('Neo4jError', { code: 'Neo.TransientError.Transaction.DeadlockDetected' }), 'SERVER'],
    ['MSAL', named('ServerError', { errorCode: 'invalid_grant' }), 'AUTH'],
    ['Kubernetes', { message: 'x', code: 409, body: { code: 409 }, headers: {} }, 'CLIENT', 409],
    [
      'gaxios by its signal',
      named(
        'GaxiosError',
        { config: { signal: AbortSignal.abort(new DOMException('t', 'TimeoutError')) } },
        'The operation was aborted.',
      ),
      'TIMEOUT',
    ],
  ],
  'unknown errors': [
    ['a mistake', new TypeError("Cannot read properties of undefined (reading 'x')"), 'UNKNOWN'],
    ['a range', new RangeError('Invalid array length'), 'UNKNOWN'],
    ['a business rule', error('Order 503 is closed'), 'UNKNOWN'],
    [
      'an assertion',
      error('expected 2 to equal 3', { name: 'AssertionError', code: 'ERR_ASSERTION' }),
      'UNKNOWN',
    ],
    ['a class of the user', new (class CustomerNotFoundError extends Error {})('x'), 'UNKNOWN'],
    ['a name of the user', named('DuplicateInvoice'), 'UNKNOWN'],
    [
      'a type of the user',
      { name: 'ApplicationFailure', type: 'INVALID_ORDER_DATA', message: 'x' },
      'UNKNOWN',
    ],
    ['an abort', new DOMException('This operation was aborted', 'AbortError'), 'UNKNOWN'],
  ],
};

for (const [group, lines] of Object.entries(GROUPS)) {
  describe(group, () => {
    for (const [what, thrown, category, ...status] of lines) {
      test(`${what} is ${category}`, () => {
        const found = classifyError(thrown);
        assert.equal(found.category, category);
        if (status.length > 0) assert.equal(found.statusCode, status[0]);
      });
    }
  });
}

test('an OAuth grant that has ended counts as an outage, and waits as one; a plain 403 does neither', () => {
  const { category, statusCode } = classifyError(http(400, { error: 'invalid_grant' }));
  const countedCategories = ['AUTH:401'] as const;
  assert.equal(outcomeOf(category, statusCode, { countedCategories }), 'failure');
  assert.equal(defaultPatience(category, statusCode), defaultPatience('AUTH', 401));
  assert.equal(outcomeOf('AUTH', 403, { countedCategories }), 'ignored');
  assert.equal(defaultPatience('AUTH', 403), 0);
  assert.equal(outcomeOf('CLIENT', 400, { countedCategories: ['CLIENT:401'] }), 'ignored');
});

describe('a megabyte takes no more time than what is looked at', () => {
  for (const unit of [
    'a',
    ' ',
    '_',
    '-',
    '1',
    '503 ',
    'rate limit ',
    'invalid_',
    'x.',
    '/',
    '<',
    '<a:Fault>',
    '{"a":',
    'try again ',
    'soap:',
    'E',
    '\n',
  ]) {
    test(JSON.stringify(unit), () => {
      const value = unit.repeat(Math.ceil(1_000_000 / unit.length));
      const fields = { code: value, name: value, type: value, detail: value, errorCode: value, error: value };
      // Processor time: other processes of a busy machine do not count.
      const started = process.cpuUsage();
      classifyError(
        error(value, {
          ...fields,
          response: { status: 403, data: value, headers: { 'retry-after': value } },
        }),
      );
      classifyError(error(value, fields));
      retryAfterMs(
        error(value, {
          response: { status: 429, data: value, headers: { [`x-ratelimit-${value}`]: value } },
        }),
        0,
      );
      const { user, system } = process.cpuUsage(started);
      const took = (user + system) / 1_000;
      assert.ok(took < 500, `${took} ms`);
    });
  }
});

test('of all these errors, the unknown ones are those that say nothing', () => {
  const lines = Object.values(GROUPS).flat();
  const unknown = lines.filter(([, thrown]) => classifyError(thrown).category === 'UNKNOWN');
  const expected = lines.filter(([, , category]) => category === 'UNKNOWN');
  assert.deepEqual(
    unknown.map(([what]) => what),
    expected.map(([what]) => what),
  );
});
