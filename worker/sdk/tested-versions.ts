/** Minor versions of SDK 1 that `test/versions` tries: docs/versions.md. */
const OLDEST = 16;
const NEWEST = 24;

/** For messages. */
export const TESTED_VERSIONS = `1.${OLDEST} to 1.${NEWEST}`;

export type Tested = 'tested' | 'too old' | 'not tested';

/** Whether a version of the SDK is one of those that were tried. */
export function tested(version: string): Tested {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (major < 1 || (major === 1 && minor < OLDEST)) return 'too old';
  return major === 1 && minor <= NEWEST ? 'tested' : 'not tested';
}
