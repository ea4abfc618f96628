/** A setting, and where it came from, to be told where the connection fails. */
export interface Sourced {
  readonly value: string;
  readonly source: string;
}
