import { ApiLinkerError } from '../../common/errors/index.js';
import { notAsync } from '../../common/not-async.js';
import type { ClassifyContext, RecoverySettings } from '../settings.js';

/** Classifies an error as the worker is configured: the user's rules first, the user's secrets too. */
export function classify(
  error: unknown,
  context: ClassifyContext,
  { classify: byUser, redactor, telemetry }: RecoverySettings,
  timestamp: string,
): ApiLinkerError {
  return ApiLinkerError.fromException(error, {
    timestamp,
    redactor,
    ...(byUser === undefined
      ? {}
      : {
          classify(thrown: unknown) {
            try {
              return notAsync('classify', byUser(thrown, context));
            } catch (fault) {
              telemetry.fault('the classify option', fault);
              return undefined;
            }
          },
        }),
  });
}
