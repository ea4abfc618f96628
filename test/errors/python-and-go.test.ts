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
