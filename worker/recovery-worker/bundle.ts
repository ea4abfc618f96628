import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

const workflowsFolder = join(__dirname, '..', '..', 'workflows');

/** The bundle carries the SDK's workflow runtime, which must be the one of the worker that loads it. */
function bundlePath(sdkVersion: string): string {
  return join(workflowsFolder, `recovery-workflows.sdk-${sdkVersion}.bundle.js`);
}

export function installedSdkVersion(): string {
  return (require('@temporalio/workflow/package.json') as { version: string }).version;
}

/** Bundles the recovery workflows for the installed SDK. */
async function makeBundle(): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: require.resolve(join(workflowsFolder, 'recovery-workflows.js')),
    workflowInterceptorModules: [
      require.resolve(join(workflowsFolder, 'messages', 'sender.js')),
      require.resolve(join(workflowsFolder, 'messages', 'tolerant-memo.js')),
      require.resolve(join(workflowsFolder, 'dead-letter', 'replay-call.js')),
      require.resolve(join(workflowsFolder, 'sdk', 'hold-queries.js')),
    ],
    payloadConverterPath: require.resolve(join(workflowsFolder, 'messages', 'raw-values.js')),
    failureConverterPath: require.resolve(join(workflowsFolder, 'dead-letter', 'tolerant-failures.js')),
  });
  return { code };
}

let made: Promise<{ code: string }> | undefined;

/** The prebuilt bundle; with another SDK version than the package was built with, one made now, once a process. */
export async function recoveryBundle(): Promise<WorkflowBundleOption> {
  const codePath = bundlePath(installedSdkVersion());
  if (existsSync(codePath)) return { codePath };
  made ??= makeBundle();
  return made;
}

export async function writeBundle(): Promise<string> {
  const path = bundlePath(installedSdkVersion());
  const { code } = await makeBundle();
  await writeFile(path, withoutSources(code));
  return path;
}

const INLINE_MAP = /(sourceMappingURL=data:application\/json[^,]*;base64,)([A-Za-z0-9+/=]+)/;

/** The worker needs the map for stack traces. The sources in it are most of the bundle's size, and the SDK's own. */
function withoutSources(code: string): string {
  return code.replace(INLINE_MAP, (_, head: string, encoded: string) => {
    const { sourcesContent: _sources, ...map } = JSON.parse(Buffer.from(encoded, 'base64').toString());
    return head + Buffer.from(JSON.stringify(map)).toString('base64');
  });
}
