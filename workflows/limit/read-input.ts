import { ApplicationFailure, type RawValue } from '@temporalio/common';
import { type LeaseRequest, leaseRequestProblem } from '../../common/limit/messages.js';
import { type LimitWorkflowInput, limitInputProblem } from '../../common/limit/workflow-input.js';
import { isReadable } from '../../common/payload/encoding.js';
import { readJson } from '../messages/read-json.js';
import { readStart } from '../messages/read-start.js';
import { notReadAnyMore } from '../messages/undecodable.js';

/** @throws ApplicationFailure with what is wrong */
export function readLimitInput(input: RawValue | undefined): LimitWorkflowInput {
  return readStart<LimitWorkflowInput>(input, 'NoLimit', (value) => {
    const problem = limitInputProblem(value);
    return (
      problem && `The input is not that of a limit: ${problem}. Workers start limits when they need them`
    );
  });
}

/** Of an accepted request: the worker that accepted it could read it. */
export function readAcceptedLease(input: readonly RawValue[]): LeaseRequest {
  const unread = input.find(({ payload }) => !isReadable(payload));
  if (unread !== undefined) throw notReadAnyMore(unread.payload);
  return readLeaseRequest(input);
}

/** @throws ApplicationFailure, which fails the update and not the workflow */
export function readLeaseRequest(input: readonly RawValue[]): LeaseRequest {
  const value = readJson(input);
  const problem = leaseRequestProblem(value);
  if (problem !== undefined) throw ApplicationFailure.nonRetryable(problem, 'MalformedLeaseRequest');
  return value as LeaseRequest;
}
