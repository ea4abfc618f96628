import {
  DefaultFailureConverter,
  defaultPayloadConverter,
  type Payload,
  type PayloadConverter,
  type ProtoFailure,
} from '@temporalio/common';

/**
 * The details of a failure are in the encoding of the user's converter, which this bundle does not know. A replay
 * that fails with such details must not fail the workflow tasks of its letter: what cannot be read is left out.
 */
const tolerant: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch {
      return undefined as T;
    }
  },
};

class TolerantFailureConverter extends DefaultFailureConverter {
  override failureToError(failure: ProtoFailure, _converter: PayloadConverter) {
    return super.failureToError(failure, tolerant);
  }
}

/** Name and place are what the bundler expects at `failureConverterPath`. */
export const failureConverter = new TolerantFailureConverter();
