import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { installedSdkVersion } from '../recovery-worker/bundle.js';
import type { WorkerTelemetry } from '../telemetry.js';
import { TESTED_VERSIONS, tested } from './tested-versions.js';

/** The SDK that is installed is not one this package works with. */
export class UnsupportedSdkError extends Error {
  constructor(
    /** Version of the `@temporalio` packages that is installed. */
    readonly version: string,
    why: string,
  ) {
    super(
      `RecoveryPlugin works with @temporalio packages ${TESTED_VERSIONS}; version ${version} is installed: ${why}. ` +
        'Install a version of that range, or a release of temporal-recovery that knows this one',
    );
    this.name = 'UnsupportedSdkError';
  }
}

const SELF_TEST_LIMIT_MS = 60_000;

/** By version: the self-test takes some seconds, and one for a process is enough. */
const verdicts = new Map<string, string | undefined>();

/**
 * Refuses an SDK with which failures of activities would be lost. A version that was not tried has to pass the self-test: a
 * process of its own replays a history in which an activity has failed, and that holds what the plugin did about it.
 * @throws UnsupportedSdkError
 */
export function checkSdk(telemetry: WorkerTelemetry, version = installedSdkVersion()): void {
  const known = tested(version);
  if (known === 'tested') return;
  if (known === 'too old') throw new UnsupportedSdkError(version, 'it is older than those that were tried');
  if (!verdicts.has(version)) verdicts.set(version, selfTest());
  const problem = verdicts.get(version);
  if (problem !== undefined) throw new UnsupportedSdkError(version, problem);
  telemetry.warn(
    `was tried with @temporalio packages ${TESTED_VERSIONS}, and not with version ${version}. Its self-test has passed.`,
  );
}

/** @returns what is wrong */
function selfTest(): string | undefined {
  try {
    execFileSync(process.execPath, [join(__dirname, 'self-test.js')], {
      ...{ encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], timeout: SELF_TEST_LIMIT_MS },
    });
    return undefined;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return `its self-test failed: ${stderr?.trim().split('\n').at(-1) || message}`;
  }
}
