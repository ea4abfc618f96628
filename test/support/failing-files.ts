import { appendFileSync } from 'node:fs';

/** What a reporter of Node's test runner reads of its events. */
interface TestEvent {
  readonly type: string;
  readonly data: { readonly file?: string; readonly name?: string };
}

/**
 * A reporter of Node's test runner: the file of each test that failed, a line each, in the file FAILING_FILES. A test
 * file that crashed is its own name. Written at once: the runner does not wait for what a reporter yields when it
 * forces its exit.
 */
// biome-ignore lint/correctness/useYield: it reports to a file of its own
async function* failingFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const list = process.env.FAILING_FILES;
  for await (const { type, data } of events) {
    if (type === 'test:fail' && list !== undefined) appendFileSync(list, `${data.file ?? data.name}\n`);
  }
}

// Node's test runner takes what the module itself is for the reporter.
export = failingFiles;
