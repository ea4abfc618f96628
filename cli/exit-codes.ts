/** What the command line exits with. Scripts rely on them. */
export const ExitCode = {
  DONE: 0,
  /** It was asked for and did not go well: a replay failed, a redrive was stopped. */
  FAILED: 1,
  /** Invalid flags or values, or a confirmation without a terminal. Nothing was changed. */
  USAGE: 2,
  /** The server, or the recovery worker, could not be reached. */
  UNREACHABLE: 3,
  /** No such letter, breaker or redrive. */
  NOT_FOUND: 4,
  /** Ctrl-C, as in a shell. What runs on the server goes on. */
  INTERRUPTED: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An error with a text for people that is complete as it is. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  constructor(
    message: string,
    readonly exitCode: ExitCode,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Names flag, value and fix. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';
  constructor(message: string, options?: ErrorOptions) {
    super(message, ExitCode.USAGE, options);
  }
}
