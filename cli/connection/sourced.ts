/** A setting and its source, for the error of a failed connection. */
export interface Sourced {
  readonly value: string;
  readonly source: string;
}
