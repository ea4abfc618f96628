// A process of its own, since another build may have an SDK of its own: `bundle.js <root of the package> <file>`.
import { writeFile } from 'node:fs/promises';
import { modulesOf, requireFrom } from './builds.js';

async function main([packageRoot = '', codePath = '']: readonly string[]): Promise<void> {
  const { sdk, plugin } = modulesOf(packageRoot);
  const need = requireFrom(packageRoot);
  const alias = Object.fromEntries(
    ['temporal-recovery/workflow', '@temporalio/workflow'].map((name) => [`${name}$`, need.resolve(name)]),
  );
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
