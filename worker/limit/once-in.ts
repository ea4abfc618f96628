/** Whether something is due for a place: once in a time for each. Of very many places the oldest is forgotten. */
export class OnceIn {
  /** When it was due last; the oldest first. */
  private readonly times = new Map<string, number>();

  constructor(
    private readonly everyMs: number,
    private readonly most: number,
    private readonly now: () => number,
  ) {}

  isDue(place: string): boolean {
    const now = this.now();
    if (now - (this.times.get(place) ?? Number.NEGATIVE_INFINITY) < this.everyMs) return false;
    this.times.delete(place);
    this.times.set(place, now);
    const [oldest] = this.times.keys();
    if (this.times.size > this.most && oldest !== undefined) this.times.delete(oldest);
    return true;
  }
}
