import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { ApiLinkerError } from '../../common/errors/index.js';

/** Type and message of errors as activity workers of the Python and Go SDKs send them. */
const ERRORS: readonly (readonly [type: string, message: string, category: string, status?: number])[] = [
  // requests
  ['HTTPError', '404 Client Error: Not Found for url: https://h/x', 'CLIENT', 404],
  ['HTTPError', '503 Server Error: Service Unavailable for url: https://h/x', 'SERVER', 503],
  [
    'ConnectionError',
    "HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: /x",
    'NETWORK',
  ],
  ['ReadTimeout', "HTTPSConnectionPool(host='h', port=443): Read timed out. (read timeout=5)", 'TIMEOUT'],
  // httpx
  ['HTTPStatusError', "Client error '422 Unprocessable Entity' for url 'https://h/x'", 'VALIDATION', 422],
  ['ConnectError', 'All connection attempts failed', 'NETWORK'],
  // aiohttp
  ['ClientResponseError', "404, message='Not Found', url='https://h/x'", 'CLIENT', 404],
  ['ClientResponseError', "503, message='', url='https://h/x'", 'SERVER', 503],
  ['ClientConnectorError', 'Cannot connect to host h:443 ssl:default [Connect call failed]', 'NETWORK'],
  // the standard library of Python
  ['HTTPError', 'HTTP Error 429: Too Many Requests', 'RATE_LIMIT', 429],
  ['URLError', '<urlopen error [Errno 111] Connection refused>', 'NETWORK'],
  ['TimeoutError', 'timed out', 'TIMEOUT'],
  ['gaierror', '[Errno -2] Name or service not known', 'NETWORK'],
  // a circuit breaker that a worker obeys by the wire protocol, and pybreaker
  ['CircuitOpen', 'Circuit breaker "orders-api" is OPEN: not called', 'SERVER'],
  ['CircuitBreakerError', 'Timeout not elapsed yet, circuit breaker still open', 'SERVER'],
  // pydantic
  ['ValidationError', '1 validation error for Order\nname\n  Field required', 'VALIDATION'],
  // Google's clients for Go
  ['Error', 'googleapi: Error 404: Not found, notFound', 'CLIENT', 404],
  ['Error', 'googleapi: got HTTP response code 503 with body: ', 'SERVER', 503],
  // the standard library of Go
  ['', 'Get "https://h/x": dial tcp: lookup h on 10.0.0.2:53: no such host', 'NETWORK'],
  ['', 'Get "https://h/x": dial tcp 10.0.0.1:443: connect: connection refused', 'NETWORK'],
  ['', 'Failed to parse record 17: unexpected EOF', 'UNKNOWN'],
  ['', 'YAML: unexpected EOF at line 3', 'UNKNOWN'],
  ['SyntaxError', 'unexpected EOF in element 3', 'UNKNOWN'],
  ['', 'invalid record: no such host field', 'UNKNOWN'],
  ['', 'Get "https://h/x": unexpected EOF', 'NETWORK'],
  ['', 'Get "https://h/x": context deadline exceeded (Client.Timeout exceeded)', 'TIMEOUT'],
  ['', 'rpc error: code = Unavailable desc = transport is closing', 'NETWORK'],
  ['', 'rpc error: code = InvalidArgument desc = no name', 'VALIDATION'],
];

for (const [type, message, category, status] of ERRORS) {
  test(`${type || 'errors.New'}, ${message.split('\n')[0]}: ${category}`, () => {
    const error = ApiLinkerError.fromException(ApplicationFailure.create({ type, message }));
    assert.deepEqual([error.errorCategory, error.statusCode], [category, status]);
  });
}

/** The same of further libraries and languages: Java, .NET, Go, Python, Ruby, PHP, Rust. */
const MORE: readonly (readonly [type: string, message: string, category: string])[] = [
  [
    'AioRpcError',
    '<AioRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNAVAILABLE\n\tdetails = "failed to connect to all addresses"',
    'NETWORK',
  ],
  [
    'feign.FeignException$ServiceUnavailable',
    '[503 Service Unavailable] during [GET] to [http://x/y] [Client#m()]: [x]',
    'SERVER',
  ],
  ['feign.RetryableException', 'Read timed out executing GET http://x/y', 'TIMEOUT'],
  [
    'org.springframework.web.client.HttpClientErrorException$TooManyRequests',
    '429 Too Many Requests: [no body]',
    'RATE_LIMIT',
  ],
  [
    'org.springframework.web.reactive.function.client.WebClientResponseException$NotFound',
    '404 Not Found from GET http://x/y',
    'CLIENT',
  ],
  [
    'org.springframework.web.client.ResourceAccessException',
    'I/O error on GET request for "http://x": Connection refused',
    'NETWORK',
  ],
  ['java.net.SocketTimeoutException', 'Read timed out', 'TIMEOUT'],
  ['java.net.http.HttpTimeoutException', 'request timed out', 'TIMEOUT'],
  [
    'org.apache.http.conn.ConnectionPoolTimeoutException',
    'Timeout waiting for connection from pool',
    'TIMEOUT',
  ],
  ['org.apache.http.NoHttpResponseException', 'x:80 failed to respond', 'NETWORK'],
  ['javax.net.ssl.SSLHandshakeException', 'PKIX path building failed', 'NETWORK'],
  ['java.io.EOFException', 'Unexpected end of file from server', 'NETWORK'],
  [
    'java.sql.SQLTransientConnectionException',
    'HikariPool-1 - Connection is not available, request timed out after 30000ms.',
    'TIMEOUT',
  ],
  ['org.springframework.dao.DuplicateKeyException', 'x', 'VALIDATION'],
  ['io.lettuce.core.RedisCommandTimeoutException', 'Command timed out after 1 minute(s)', 'TIMEOUT'],
  [
    'software.amazon.awssdk.services.s3.model.S3Exception',
    'Access Denied (Service: S3, Status Code: 403, Request ID: x)',
    'AUTH',
  ],
  [
    'software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException',
    'x (Service: DynamoDb, Status Code: 400, Request ID: y)',
    'RATE_LIMIT',
  ],
  ['io.grpc.StatusRuntimeException', 'UNAVAILABLE: io exception', 'NETWORK'],
  [
    'HttpRequestException',
    'Response status code does not indicate success: 503 (Service Unavailable).',
    'SERVER',
  ],
  ['HttpRequestException', 'Connection refused (localhost:80)', 'NETWORK'],
  [
    'System.Net.Http.HttpRequestException',
    'No connection could be made because the target machine actively refused it. (localhost:80)',
    'NETWORK',
  ],
  [
    'TaskCanceledException',
    'The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.',
    'TIMEOUT',
  ],
  [
    'Microsoft.Data.SqlClient.SqlException',
    'Transaction (Process ID 52) was deadlocked on lock resources with another process',
    'SERVER',
  ],
  [
    'Error',
    'Get "https://x": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    'TIMEOUT',
  ],
  ['OpError', 'dial tcp 1.2.3.4:443: connect: connection refused', 'NETWORK'],
  ['OpError', 'dial tcp 1.2.3.4:443: i/o timeout', 'TIMEOUT'],
  ['Error', 'Post "https://x/y": EOF', 'NETWORK'],
  [
    'Error',
    'Get "https://x": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'NETWORK',
  ],
  ['Error', 'net/http: TLS handshake timeout', 'TIMEOUT'],
  ['PgError', 'ERROR: duplicate key value violates unique constraint "x" (SQLSTATE 23505)', 'VALIDATION'],
  ['PgError', 'ERROR: could not serialize access (SQLSTATE 40001)', 'SERVER'],
  ['MySQLError', "Error 1062 (23000): Duplicate entry 'x' for key", 'VALIDATION'],
  [
    'MySQLError',
    'Error 1213 (40001): Deadlock found when trying to get lock; try restarting transaction',
    'SERVER',
  ],
  [
    'OperationError',
    'operation error S3: PutObject, https response error StatusCode: 503, RequestID: x, api error SlowDown: Please reduce your request rate.',
    'RATE_LIMIT',
  ],
  [
    'OperationError',
    'operation error S3: GetObject, https response error StatusCode: 403, RequestID: x, HostID: y, api error AccessDenied: Access Denied',
    'AUTH',
  ],
  ['HTTPError', '429 Client Error: Too Many Requests for url: https://x', 'RATE_LIMIT'],
  [
    'ConnectionError',
    "HTTPConnectionPool(host='x', port=80): Max retries exceeded with url: / (Caused by NewConnectionError('<...>: Failed to establish a new connection: [Errno 111] Connection refused'))",
    'NETWORK',
  ],
  [
    'ClientError',
    'An error occurred (ThrottlingException) when calling the X operation (reached max retries: 4): Rate exceeded',
    'RATE_LIMIT',
  ],
  [
    'ClientError',
    'An error occurred (AccessDenied) when calling the PutObject operation: Access Denied',
    'AUTH',
  ],
  [
    'ClientError',
    'An error occurred (NoSuchBucket) when calling the PutObject operation: The specified bucket does not exist',
    'CLIENT',
  ],
  ['ReadTimeoutError', 'Read timeout on endpoint URL: "https://x"', 'TIMEOUT'],
  ['EndpointConnectionError', 'Could not connect to the endpoint URL: "https://x"', 'NETWORK'],
  ['NoCredentialsError', 'Unable to locate credentials', 'AUTH'],
  [
    'RateLimitError',
    "Error code: 429 - {'error': {'message': 'Rate limit reached', 'type': 'requests'}}",
    'RATE_LIMIT',
  ],
  ['APIStatusError', "Error code: 503 - {'error': {'message': 'x'}}", 'SERVER'],
  ['AuthenticationError', "Error code: 401 - {'error': {'message': 'Incorrect API key provided'}}", 'AUTH'],
  ['ResourceExhausted', '429 Quota exceeded for aiplatform.googleapis.com', 'RATE_LIMIT'],
  ['ServiceUnavailable', '503 The service is currently unavailable.', 'SERVER'],
  ['Forbidden', '403 POST https://bigquery.googleapis.com/x: Access Denied: Project x', 'AUTH'],
  ['NotFound', '404 GET https://storage.googleapis.com/x: Not Found', 'CLIENT'],
  ['RateLimitError', 'Request rate limit exceeded', 'RATE_LIMIT'],
  ['UniqueViolation', 'duplicate key value violates unique constraint', 'VALIDATION'],
  ['OperationalError', 'connection to server at "x", port 5432 failed: Connection refused', 'NETWORK'],
  ['OperationalError', 'FATAL:  sorry, too many clients already', 'SERVER'],
  [
    'OperationalError',
    'connection to server at "x" failed: FATAL:  password authentication failed for user "a"',
    'AUTH',
  ],
  [
    'OperationalError',
    "(2003, \"Can't connect to MySQL server on 'x' ([Errno 111] Connection refused)\")",
    'NETWORK',
  ],
  ['IntegrityError', '(1062, "Duplicate entry \'x\'")', 'VALIDATION'],
  [
    'OperationalError',
    "(1213, 'Deadlock found when trying to get lock; try restarting transaction')",
    'SERVER',
  ],
  ['OperationalError', '(psycopg2.OperationalError) server closed the connection unexpectedly', 'NETWORK'],
  [
    'TimeoutError',
    'QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00',
    'TIMEOUT',
  ],
  ['ConnectionError', 'Error 111 connecting to localhost:6379. Connection refused.', 'NETWORK'],
  ['AccessRefused', "(403, 'ACCESS_REFUSED - Login was refused')", 'AUTH'],
  ['ApiException', '(429)\nReason: Too Many Requests\nHTTP response headers: x', 'RATE_LIMIT'],
  [
    'ContentTypeError',
    "200, message='Attempt to decode JSON with unexpected mimetype: text/html', url='x'",
    'SERVER',
  ],
  ['RemoteProtocolError', 'Server disconnected without sending a response.', 'NETWORK'],
  ['PoolTimeout', '', 'TIMEOUT'],
  ['error_perm', '550 No such file', 'CLIENT'],
  ['error_temp', '421 Service not available', 'NETWORK'],
  ['SMTPAuthenticationError', "(535, b'5.7.8 Error: authentication failed')", 'AUTH'],
  ['SMTPRecipientsRefused', "{'a@b.c': (550, b'User unknown')}", 'CLIENT'],
  ['SMTPDataError', "(451, b'4.7.1 try again later')", 'SERVER'],
  ['AuthenticationException', 'Authentication failed.', 'AUTH'],
  ['gaierror', '[Errno -2] Name or service not known', 'NETWORK'],
  ['ConnectionResetError', '[Errno 104] Connection reset by peer', 'NETWORK'],
  ['TransportQueryError', "{'message': 'x', 'extensions': {'code': 'THROTTLED'}}", 'RATE_LIMIT'],
  ['Faraday::TimeoutError', 'Net::ReadTimeout with #<TCPSocket:(closed)>', 'TIMEOUT'],
  [
    'Faraday::ConnectionFailed',
    'Failed to open TCP connection to x:80 (Connection refused - connect(2) for "x" port 80)',
    'NETWORK',
  ],
  ['Faraday::TooManyRequestsError', 'the server responded with status 429', 'RATE_LIMIT'],
  ['Faraday::ResourceNotFound', 'the server responded with status 404', 'CLIENT'],
  ['Net::OpenTimeout', 'execution expired', 'TIMEOUT'],
  ['Errno::ECONNREFUSED', 'Connection refused - connect(2)', 'NETWORK'],
  [
    'GuzzleHttp\\Exception\\ClientException',
    'Client error: `GET https://x` resulted in a `429 Too Many Requests` response:\n{}',
    'RATE_LIMIT',
  ],
  [
    'GuzzleHttp\\Exception\\ServerException',
    'Server error: `GET https://x` resulted in a `503 Service Unavailable` response',
    'SERVER',
  ],
  [
    'GuzzleHttp\\Exception\\ConnectException',
    'cURL error 28: Operation timed out after 1000 milliseconds',
    'TIMEOUT',
  ],
  ['GuzzleHttp\\Exception\\ConnectException', 'cURL error 7: Failed to connect to x port 80', 'NETWORK'],
  ['GuzzleHttp\\Exception\\ConnectException', 'cURL error 6: Could not resolve host: x', 'NETWORK'],
  ['Error', 'HTTP status client error (404 Not Found) for url (https://x/)', 'CLIENT'],
  ['Error', 'error sending request for url (https://x/): operation timed out', 'TIMEOUT'],
];

for (const [type, message, category] of MORE) {
  test(`${type}, ${message.split('\n')[0]}: ${category}`, () => {
    const error = ApiLinkerError.fromException(ApplicationFailure.create({ type, message }));
    assert.equal(error.errorCategory, category);
  });
}
