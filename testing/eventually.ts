const PAUSE_MS = 25;

/** Asks again and again until there is an answer. @returns undefined where there was none in time */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  timeoutMs: number,
): Promise<T | undefined> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
