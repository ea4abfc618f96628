/** Build step: writes the bundle of the recovery workflows beside their code. */
import { writeBundle } from './bundle.js';

writeBundle().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
