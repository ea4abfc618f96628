import { ApplicationFailure, type RawValue } from '@temporalio/common';
import {
  breakerInputProblem,
  type ReadReport,
  readBreakerReport,
  readConfig,
  trialRequestProblem,
} from '../../common/circuit-breaker/check-input.js';
import type { BreakerConfig, BreakerInput, TrialRequest } from '../../common/circuit-breaker/index.js';
import { isReadable } from '../../common/payload/encoding.js';
import { readJson } from '../messages/read-json.js';
import { readStart } from '../messages/read-start.js';
import { notReadAnyMore } from '../messages/undecodable.js';

/** @throws ApplicationFailure with what is wrong */
export function readBreakerInput(input: RawValue | undefined): BreakerInput {
  const read = readStart<BreakerInput>(input, 'NoCircuitBreaker', (value) => {
    const problem = breakerInputProblem(value);
    return (
      problem &&
      `The input is not that of a circuit breaker: ${problem}. Workers start circuit breakers when they need them`
    );
  });
  return { ...read, config: readConfig(read.config, () => undefined) ?? read.config };
}

/** Workers write reports, but a signal can be sent by anybody. */
export function readReport(input: readonly RawValue[], current: BreakerConfig): ReadReport {
  return readBreakerReport(readJson(input), current);
}

/** Of an accepted request: the worker that accepted it could read it. */
export function readAcceptedTrial(input: readonly RawValue[]): TrialRequest {
  const unread = input.find(({ payload }) => !isReadable(payload));
  if (unread !== undefined) throw notReadAnyMore(unread.payload);
  return readTrialRequest(input);
}

/** @throws ApplicationFailure, which fails the update and not the workflow */
export function readTrialRequest(input: readonly RawValue[]): TrialRequest {
  const value = readJson(input);
  const problem = trialRequestProblem(value);
  if (problem !== undefined) throw ApplicationFailure.nonRetryable(problem, 'MalformedTrialRequest');
  return value as TrialRequest;
}
