import { eventually, type Harness, workflowsPath } from '../support/harness.js';
import type { callOne } from '../support/workflows.js';

/** Dead letters for the command line to work on: their activity succeeds once its first argument is `good`. */
export class Letters {
  readonly ids: string[] = [];
  /** Arguments of all calls. */
  readonly seen: unknown[][] = [];

  async start(h: Harness, count: number): Promise<void> {
    const write = async (...args: unknown[]) => {
      this.seen.push(args);
      if (args[0] !== 'good') throw Object.assign(new Error('rejected \u001b[31mred'), { status: 422 });
      return 'written';
    };
    await h.startWorker({ workflowsPath, activities: { write } });
    for (let at = 0; at < count; at++) this.ids.push(await this.add(h, `letter-${at}`));
    await eventually(async () => (await h.recovery.deadLetters.count({ queue: h.queue })) === count);
  }

  async add(h: Harness, name: string): Promise<string> {
    const seen = await h.client.workflow.execute<typeof callOne>('callOne', {
      workflowId: h.id(name),
      taskQueue: h.taskQueue,
      args: ['write', ['bad', { token: 'hunter2', currency: 'EUR' }]],
    });
    return seen.deadLetterId ?? '';
  }
}
