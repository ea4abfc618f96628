import type { Bench } from './server.js';

/** One thing that is measured. `run` gives Markdown: ratios and counts, with their spread. */
export interface Benchmark {
  readonly title: string;
  /** What is measured, and how. */
  readonly about: string;
  run(bench: Bench): Promise<string>;
}
