/** Average number a second. */
export class Budget {
  private left: number;
  private at = 0;

  constructor(private readonly perSecond: number) {
    this.left = perSecond;
  }

  take(now: number): boolean {
    this.left = Math.min(this.perSecond, this.left + ((now - this.at) / 1_000) * this.perSecond);
    this.at = now;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
