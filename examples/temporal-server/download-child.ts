// Started as its own process: `node download-child.js <directory>`. The SDK only offers "download and start", so
// this starts its server once and stops it again; that also proves the downloaded binary runs here.
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { messageOf } from './text';

async function main(downloadDir: string): Promise<void> {
  // No expiry: a server that worked yesterday must not need the network today.
  const executable = { type: 'cached-download', downloadDir, ttl: '3650d' } as const;
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable, log: { format: 'text', level: 'never' } },
  });
  await environment.teardown();
}

main(process.argv[2] ?? '.').then(
  () => process.exit(0),
  (error) => {
    console.error(messageOf(error));
    process.exit(1);
  },
);
