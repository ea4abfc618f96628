import type { Night } from './night.js';

/** One command of the page: what stands for its placeholders, and how to see that it did what the page says. */
export interface Step {
  readonly values?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
  /** Exit code. @default 0 */
  readonly code?: number;
  /** To the question that it asks. */
  readonly answer?: string;
  /** What happens before it is typed: mostly, the trouble ends. */
  before?(): unknown;
  /** Instead of typing it: it runs until it is stopped. */
  start?(line: string): Promise<void>;
  /** @param output what the person sees */
  check(output: string): unknown;
}

/** Prepares the scene of a section. @returns its commands, in the order of the page */
export type Section = (night: Night) => Promise<Readonly<Record<string, Step>>>;
