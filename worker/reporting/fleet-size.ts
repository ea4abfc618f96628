import type { ServerLink } from './server-link.js';

const FRESH_MS = 5 * 60_000;

/** How many workers there are, asked when something fails for the first time and seldom after. */
export class FleetSize {
  private readonly known = new Map<string, { size: number | Promise<number>; askedAt: number }>();

  constructor(
    private readonly link: Pick<ServerLink, 'countWorkers'>,
    private readonly clock: () => number,
  ) {}

  /** What is known; a promise the first time. Without an answer the fleet is taken to be as before. */
  of(taskQueue: string): number | Promise<number> {
    const now = this.clock();
    const known = this.known.get(taskQueue);
    if (known !== undefined && now - known.askedAt <= FRESH_MS) return known.size;
    const before = known?.size ?? 1;
    const asked = this.link.countWorkers(taskQueue).catch(() => before);
    const entry = { size: known?.size ?? asked, askedAt: now };
    this.known.set(taskQueue, entry);
    void asked.then((size) => {
      entry.size = size;
    });
    return entry.size;
  }
}
