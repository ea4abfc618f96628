import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerOptions } from '@temporalio/worker';
import { WORKFLOW_CODE } from '../common/workflow-code.js';

/** By its path: the SDK bundles it with the user's workflows. */
export const interceptorModule = join(__dirname, '..', 'workflows', 'failing-call', 'failure-interceptor.js');

/** @throws TypeError where a bundler has taken this code away from the files that the SDK loads by their path */
export function checkNotBundled(): void {
  if (existsSync(interceptorModule)) return;
  throw new TypeError(
    `RecoveryPlugin: temporal-recovery was bundled into ${__filename}, without its files that are loaded by path. ` +
      "Install it beside your bundle and keep it out, as the @temporalio packages: external: ['temporal-recovery', '@temporalio/*'] " +
      'in esbuild, externals in webpack',
  );
}

/** What is wrong with the workflow bundle that a worker was given. */
export function bundleProblem({ workflowBundle }: WorkerOptions): string | undefined {
  if (workflowBundle === undefined) return undefined;
  const code = 'code' in workflowBundle ? workflowBundle.code : readFileSync(workflowBundle.codePath, 'utf8');
  if (code.includes(WORKFLOW_CODE)) return undefined;
  if (!code.includes(IN_EVERY_RELEASE)) {
    return (
      'the workflow bundle of this worker was made without RecoveryPlugin, so its failed activities do not become dead letters. ' +
      'Pass plugins: [new RecoveryPlugin()] to bundleWorkflowCode.'
    );
  }
  return (
    `the workflow bundle of this worker was made with temporal-recovery ${madeWith(code)}, and this worker runs ${versionIn(WORKFLOW_CODE)}. ` +
    'Make the bundle again with the version that the worker has.'
  );
}

/** Releases before 0.6.0 put no version into a bundle. */
function madeWith(code: string): string {
  return versionIn(code) ?? '0.5 or before';
}

function versionIn(code: string): string | undefined {
  return /temporal-recovery workflow code (\d[\w.-]*)/.exec(code)?.[1];
}

/** Text that is in a bundle only with our interceptor in it, of whatever release. */
const IN_EVERY_RELEASE = 'temporal-recovery could not handle a failed activity';
