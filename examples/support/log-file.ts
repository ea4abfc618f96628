import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';

/**
 * Sends Temporal's warnings to a file, so that the display stays readable. Ctrl-C is left to the demo.
 * @returns the file's path
 */
export function logToFile(): string {
  const path = join(tmpdir(), `temporal-recovery-demo-${process.pid}.log`);
  const file = createWriteStream(path);
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      file.write(`${new Date().toISOString()} ${level} ${message} ${JSON.stringify(meta ?? {})}\n`);
    }),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
    },
    shutdownSignals: [],
  });
  return path;
}
