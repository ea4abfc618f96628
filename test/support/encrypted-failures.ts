import { DefaultFailureConverter } from '@temporalio/common';

/** For `failureConverterPath`: messages and stacks go through the codec too. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
