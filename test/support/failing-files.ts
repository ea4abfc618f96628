/** What a reporter of Node's test runner reads of its events. */
interface TestEvent {
  readonly type: string;
  readonly data: { readonly file?: string; readonly name?: string };
}

/** A reporter of Node's test runner: the file of each test that failed, a line each. A file that crashed is its own name. */
async function* failingFiles(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type === 'test:fail') yield `${data.file ?? data.name}\n`;
  }
}

// Node's test runner takes what the module itself is for the reporter.
export = failingFiles;
