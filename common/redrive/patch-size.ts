import { MAX_INPUT_BYTES, megabytes } from '../payload/payload-size.js';

/** All that is measured or copied for one patch: about a second of a workflow task, which may take a few. */
const MAX_WORK = 40_000_000;

/**
 * Keeps account of how large a patch makes the arguments, without writing all of them after each operation. Sizes are
 * UTF-16 code units of JSON, never more than its bytes.
 */
export class PatchSize {
  private work = 0;
  private size: number;

  constructor(private readonly args: readonly unknown[]) {
    this.size = this.measure(args);
  }

  /** What is wrong when this comes in, and that goes; undefined where the arguments stay small enough. */
  problem(added: unknown, removed: unknown, name: string): string | undefined {
    const difference = this.measure(added) - this.measure(removed) + name.length;
    this.size += difference;
    // The account is a little high (names count whole): close to the limit it is made exact.
    if (this.size > MAX_INPUT_BYTES) this.size = this.measure(this.args) + difference;
    if (this.size > MAX_INPUT_BYTES) {
      return `arguments may be ${megabytes(MAX_INPUT_BYTES)} large, and it would make them larger`;
    }
    return this.work > MAX_WORK
      ? `a patch may copy and replace ${megabytes(MAX_WORK)} in all, and with it this one does more`
      : undefined;
  }

  private measure(value: unknown): number {
    const size = value === undefined ? 0 : JSON.stringify(value).length;
    this.work += size;
    return size;
  }
}
