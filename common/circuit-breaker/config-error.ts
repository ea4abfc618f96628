/** A breaker configuration that cannot be used. Each problem names path, value and what is allowed. */
export class BreakerConfigError extends TypeError {
  /** Always `BreakerConfigError`. */
  override readonly name = 'BreakerConfigError';

  constructor(
    /** One for each setting that is wrong: `path: expected …, got …`. */
    readonly problems: readonly string[],
  ) {
    super(problems.join('; '));
  }
}
