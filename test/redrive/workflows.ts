import { ActivityFailure, proxyActivities, sleep } from '@temporalio/workflow';
import { deadLetterId } from 'temporal-recovery/workflow';

const { write } = proxyActivities<{ write(record: { id: number; email?: string }): Promise<string> }>({
  startToCloseTimeout: '2 minutes',
});

const AT_ONCE = 50;

/** Writes records, some at once; gives the letters of those that could not be written. */
export async function writeAll(from: number, count: number): Promise<string[]> {
  const letters: string[] = [];
  for (let done = 0; done < count; done += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, n) => from + done + n);
    await Promise.all(
      numbers.map(async (id) => {
        try {
          await write({ id, email: `${id}@example.com` });
        } catch (error) {
          if (!(error instanceof ActivityFailure)) throw error;
          letters.push(deadLetterId(error) ?? '');
        }
      }),
    );
  }
  return letters;
}

/** As `writeAll`, and stays open. */
export async function writeAndStay(from: number, count: number): Promise<void> {
  await writeAll(from, count);
  await sleep('1 hour');
}
