/**
 * Places of calls that wait for their turn in the slots of a worker: at most half of its slots. The others are for calls that
 * no limit holds up.
 */
export class Places {
  private readonly most = new Map<string, number>();
  private readonly taken = new Map<string, number>();

  /** @param slots activities that a worker of the task queue runs at the same time */
  set(taskQueue: string, slots: number): void {
    this.most.set(taskQueue, Math.max(1, Math.floor(slots / 2)));
  }

  isFree(taskQueue: string): boolean {
    return (this.taken.get(taskQueue) ?? 0) < (this.most.get(taskQueue) ?? Number.POSITIVE_INFINITY);
  }

  /** @returns gives the place back */
  take(taskQueue: string): () => void {
    this.taken.set(taskQueue, (this.taken.get(taskQueue) ?? 0) + 1);
    return () => this.taken.set(taskQueue, (this.taken.get(taskQueue) ?? 1) - 1);
  }
}
