/** Counts promises until they settle. Adds none between a promise and who awaits it: that could change the order of commands. */
export class InFlight {
  count = 0;

  track<T>(result: Promise<T>): Promise<T> {
    this.count++;
    const done = () => {
      this.count--;
    };
    result.then(done, done);
    return result;
  }
}
