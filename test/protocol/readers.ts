import { checkRedrive } from '../../client/redrive/request.js';
import {
  breakerInputProblem,
  readBreakerReport,
  trialRequestProblem,
} from '../../common/circuit-breaker/check-input.js';
import { DEFAULT_BREAKER_CONFIG, parseOrder } from '../../common/circuit-breaker/index.js';
import { recordProblem } from '../../common/dead-letter/check-record.js';
import { parseRequest } from '../../common/dead-letter/requests.js';
import { findFailureDetail } from '../../common/failing-call/read-detail.js';
import { parseRedriveOrder } from '../../common/redrive/orders.js';

/** What the code's own reader rejects of a message; undefined if it accepts it. */
type Reader = (message: unknown) => string | undefined;

const throwing =
  (read: (message: unknown) => unknown): Reader =>
  (message) => {
    try {
      read(message);
      return undefined;
    } catch (error) {
      return String(error);
    }
  };

const orders =
  (...kinds: Parameters<typeof parseOrder>[0][]): Reader =>
  (message) =>
    kinds.map((kind) => throwing((order) => parseOrder(kind, order))(message)).find(Boolean);

export const READERS: Readonly<Record<string, Reader>> = {
  'dead-letter-record': recordProblem,
  'replay-request': throwing((message) => parseRequest('replay', message)),
  'resolve-request': throwing((message) => parseRequest('resolve', message)),
  'discard-request': throwing((message) => parseRequest('discard', message)),
  'breaker-input': breakerInputProblem,
  'breaker-report': (message) => readBreakerReport(message, DEFAULT_BREAKER_CONFIG).problems[0],
  'breaker-order': orders('forceOpen', 'forceClosed', 'disable'),
  'breaker-reset': orders('reset'),
  'breaker-resume': orders('resume'),
  'trial-request': trialRequestProblem,
  'redrive-request': throwing(checkRedrive),
  'redrive-order': (message) =>
    (['pause', 'resume', 'cancel'] as const)
      .map((kind) => throwing((order) => parseRedriveOrder(kind, order))(message))
      .find(Boolean),
  'redrive-rate': throwing((message) => parseRedriveOrder('setRate', message)),
  'failure-detail': (message) =>
    findFailureDetail([{ temporalRecovery: message }]) === undefined ? 'not a failure detail' : undefined,
};
