// A process of its own, since another build may have an SDK of its own: `bundle.js <root of the package> <file>`.
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { modulesOf, requireFrom } from './builds.js';

async function main([packageRoot = '', codePath = '']: readonly string[]): Promise<void> {
  const { sdk, plugin } = modulesOf(packageRoot);
  const need = requireFrom(packageRoot);
  const folderOf = (name: string) => dirname(need.resolve(`${name}/package.json`));
  // Of each of them one copy: the SDK's own entry point is resolved from the folder of the workflows.
  const alias = {
    'temporal-recovery/workflow$': need.resolve('temporal-recovery/workflow'),
    '@temporalio/workflow': folderOf('@temporalio/workflow'),
    '@temporalio/common': folderOf('@temporalio/common'),
  };
  const { code } = await sdk.bundleWorkflowCode({
    workflowsPath: require.resolve('./workflows.js'),
    plugins: [new plugin.RecoveryPlugin()],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, alias: { ...config.resolve?.alias, ...alias } },
    }),
  });
  await writeFile(codePath, code);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
