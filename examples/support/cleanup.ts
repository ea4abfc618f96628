/** What is to be undone at the end, the latest first. One that fails does not keep the others from it. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.unshift(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0)) {
      try {
        await step();
      } catch {
        // the demo is over; the next step counts
      }
    }
  }
}
