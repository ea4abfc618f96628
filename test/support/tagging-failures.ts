import {
  ApplicationFailure,
  DefaultFailureConverter,
  type PayloadConverter,
  type ProtoFailure,
} from '@temporalio/common';

/** A failure of the user's own, with a field and a method of its own. */
export class QuotaFailure extends ApplicationFailure {
  readonly tenant: string;
  constructor(tenant: string) {
    super('quota is used up', 'QuotaFailure', true, ['their own detail']);
    this.tenant = tenant;
  }
  tag(): string {
    return `[${this.tenant}]`;
  }
}

/** A failure converter of the user's own, that tells errors by their class. */
class TaggingFailureConverter extends DefaultFailureConverter {
  override errorToFailure(error: unknown, payloadConverter: PayloadConverter): ProtoFailure {
    const failure = super.errorToFailure(error, payloadConverter);
    return error instanceof QuotaFailure
      ? { ...failure, message: `${error.tag()} ${failure.message}` }
      : failure;
  }
}

/** For `failureConverterPath`. */
export const failureConverter = new TaggingFailureConverter();
