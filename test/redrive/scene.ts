import type { Harness } from '../support/harness.js';
import { eventually } from '../support/harness.js';
import type { writeAll } from './workflows.js';

export interface TestRecord {
  id: number;
  email?: string;
}

/** A target that refuses everything, until a test says what it does. */
export class Target {
  readonly calls: TestRecord[] = [];
  answer: (record: TestRecord) => Promise<string> | string = refuse;

  readonly activities = {
    write: async (record: TestRecord): Promise<string> => {
      this.calls.push(record);
      return this.answer(record);
    },
  };

  callsOf(id: number): number {
    return this.calls.filter((record) => record.id === id).length;
  }
}

export function refuse(): never {
  throw Object.assign(new Error('refused'), { status: 422 });
}

/** Dead letters of as many records, in a queue of their own, listed by visibility. */
export async function makeLetters(
  h: Harness,
  taskQueue: string,
  queue: string,
  count: number,
): Promise<string[]> {
  const letters = await h.client.workflow.execute<typeof writeAll>('writeAll', {
    workflowId: `${taskQueue}-origin`,
    taskQueue,
    args: [0, count],
  });
  await eventually(async () => (await h.recovery.deadLetters.count({ queue })) === count);
  return letters;
}
