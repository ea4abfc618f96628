/** A breaker configuration that cannot be used. Each problem names path, value and what is allowed. */
export class BreakerConfigError extends TypeError {
  override readonly name = 'BreakerConfigError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}
