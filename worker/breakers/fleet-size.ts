import type { FleetLink } from './fleet-link.js';

const FRESH_MS = 5 * 60_000;

/** How many workers there are, asked when something fails for the first time and seldom after. */
export class FleetSize {
  private readonly known = new Map<string, { size: number; askedAt: number }>();

  constructor(
    private readonly link: FleetLink,
    private readonly clock: () => number,
  ) {}

  /** What is known; 1 until the answer is there. */
  of(taskQueue: string): number {
    const now = this.clock();
    const entry = this.known.get(taskQueue) ?? { size: 1, askedAt: Number.NEGATIVE_INFINITY };
    if (now - entry.askedAt > FRESH_MS) {
      entry.askedAt = now;
      this.known.set(taskQueue, entry);
      // Without an answer the fleet is taken to be as before.
      this.link.countWorkers(taskQueue).then(
        (size) => {
          entry.size = size;
        },
        () => undefined,
      );
    }
    return entry.size;
  }
}
