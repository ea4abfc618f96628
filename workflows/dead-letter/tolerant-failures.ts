import {
  DefaultFailureConverter,
  defaultPayloadConverter,
  type Payload,
  type PayloadConverter,
  type ProtoFailure,
} from '@temporalio/common';
import { wellFormed } from '../../common/text.js';

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

  /** Texts of ours quote what people and programs sent: half a character in one would end the worker. */
  override errorToFailure(
    ...given: Parameters<DefaultFailureConverter['errorToFailure']>
  ): ReturnType<DefaultFailureConverter['errorToFailure']> {
    return withWholeCharacters(super.errorToFailure(...given));
  }
}

/** Causes come through `errorToFailure` one by one. */
function withWholeCharacters(failure: ProtoFailure): ProtoFailure {
  const { message, stackTrace, applicationFailureInfo: info } = failure;
  return {
    ...failure,
    message: message && wellFormed(message),
    stackTrace: stackTrace && wellFormed(stackTrace),
    applicationFailureInfo: info && { ...info, type: info.type && wellFormed(info.type) },
  };
}

/** Name and place are what the bundler expects at `failureConverterPath`. */
export const failureConverter = new TolerantFailureConverter();
