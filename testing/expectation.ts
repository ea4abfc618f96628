import type { DeadLetterHandle } from '../client/dead-letter/handle.js';
import type { DeadLetterState, DeadLetterStatus } from '../common/dead-letter/record.js';
import type { ErrorCategory } from '../common/errors/index.js';
import type { Duration } from '../common/text/duration.js';
import { oneLine } from '../common/text/text.js';

/** A dead letter that was written in a test. */
export interface TestLetter {
  /** Workflow id of the letter. */
  readonly id: string;
  /** As it was when it was found. */
  readonly state: DeadLetterState;
  /** Replays, resolves and discards it. */
  readonly handle: DeadLetterHandle;
}

/** Which dead letters a test expects. Several conditions must all hold. */
export interface DeadLetterExpectation {
  /** Of the workflow whose call failed. */
  workflowId?: string;
  /** Operation of the call; without one its activity type. */
  operation?: string;
  /** Category of the error. */
  category?: ErrorCategory;
  /** State of the letter. */
  status?: DeadLetterStatus;
  /** How many match; for 0 it looks once. @default 1 */
  count?: number;
  /** How long it waits for them: milliseconds or a string such as `'10 seconds'`. @default '10 seconds' */
  timeout?: Duration;
}

export function isExpected(expected: DeadLetterExpectation, { state }: TestLetter): boolean {
  const { record, status } = state;
  const is = (value: string | undefined, actual: string | undefined) =>
    value === undefined || value === actual;
  return (
    is(expected.workflowId, record.origin.workflowId) &&
    is(expected.operation, record.operation) &&
    is(expected.category, record.error.errorCategory) &&
    is(expected.status, status)
  );
}

/** What was expected, and what is there instead. */
export function describeMiss(
  { count = 1, timeout: _, ...conditions }: DeadLetterExpectation,
  matching: number,
  letters: readonly TestLetter[],
): string {
  const named = Object.entries(conditions)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const which = named.length === 0 ? '' : ` with ${named.join(', ')}`;
  const expected = `Expected ${count} dead letter${count === 1 ? '' : 's'}${which}; found ${matching}.`;
  if (letters.length === 0) return `${expected}\nNo dead letter was written in this test.`;
  return [expected, `Written in this test (${letters.length}):`, ...letters.map(line)].join('\n');
}

function line({ id, state: { record, status } }: TestLetter): string {
  const { error, operation, origin } = record;
  const what = [status, operation, error.errorCategory, error.statusCode].filter(
    (each) => each !== undefined,
  );
  return `  ${what.join('  ')}  workflowId ${JSON.stringify(origin.workflowId)}: ${oneLine(error.message)}\n    ${id}`;
}
