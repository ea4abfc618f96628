const AT_ONCE = 50;

/** Does something so many times, some at once. */
export async function severalAtOnce(count: number, task: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
