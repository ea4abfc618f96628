import { ApplicationFailure, type RawValue } from '@temporalio/common';
import { type LeaseRequest, readLeaseRequest as readRequest } from '../../common/limit/messages.js';
import {
  asLimitInput,
  type LimitWorkflowInput,
  limitInputProblem,
} from '../../common/limit/workflow-input.js';
import { isReadable } from '../../common/payload/encoding.js';
import { readJson } from '../messages/read-json.js';
import { readStart } from '../messages/read-start.js';
import { notReadAnyMore } from '../messages/undecodable.js';

/** @throws ApplicationFailure with what is wrong */
export function readLimitInput(input: RawValue | undefined): LimitWorkflowInput {
  const read = readStart<LimitWorkflowInput>(input, 'NoLimit', (value) => {
    const problem = limitInputProblem(value);
    return (
      problem && `The input is not that of a limit: ${problem}. Workers start limits when they need them`
    );
  });
  return asLimitInput(read);
}

/** Of an accepted request: the worker that accepted it could read it. */
export function readAcceptedLease(input: readonly RawValue[]): LeaseRequest {
  const unread = input.find(({ payload }) => !isReadable(payload));
  if (unread !== undefined) throw notReadAnyMore(unread.payload);
  return readLeaseRequest(input);
}

/** @throws ApplicationFailure, which fails the update and not the workflow */
export function readLeaseRequest(input: readonly RawValue[]): LeaseRequest {
  const problems: string[] = [];
  const request = readRequest(readJson(input), problems);
  if (request === undefined)
    throw ApplicationFailure.nonRetryable(problems.join('; '), 'MalformedLeaseRequest');
  return request;
}
