import { createRedactor, type Redactor } from '../errors/index.js';
import type { DeadLetterRecord } from './record.js';

/** What a record says about redaction, so that every reader of the letter redacts as the worker that wrote it. */
export type RecordRedaction = Pick<DeadLetterRecord, 'secretNames' | 'redactPersonalData'>;

/** Only what differs from the defaults. */
export function redactionInRecord(
  secretNames: readonly string[],
  redactPersonalData: boolean,
): RecordRedaction {
  return {
    ...(secretNames.length === 0 ? {} : { secretNames }),
    ...(redactPersonalData ? {} : { redactPersonalData }),
  };
}

export function redactorOf({ secretNames, redactPersonalData }: RecordRedaction): Redactor {
  return createRedactor({ keys: secretNames, personalData: redactPersonalData !== false });
}
