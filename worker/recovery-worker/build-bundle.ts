/** Build step: writes the bundle of the recovery workflows beside their code. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { writeBundle } from './bundle.js';

Runtime.install({ logger: new DefaultLogger('WARN') });
writeBundle().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
