/** The argument of every call of the program. */
export interface Call {
  readonly name: string;
  /** Attempts that fail; all of them until the program says that the service is mended. */
  readonly failures: number | 'until mended';
  readonly status?: number;
  readonly text?: string;
  /** They fail without a retry, whatever the plugin says. */
  readonly isFinal?: true;
}
