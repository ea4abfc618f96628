import { shortRedriveId } from './id.js';

/** What can be done about a redrive that runs. */
export function waysToGoOn(id: string): string[] {
  const name = shortRedriveId(id);
  const command = 'temporal-recovery dlq redrive';
  return [
    `  watch it:   ${command} watch ${name}`,
    `  hold it:    ${command} pause ${name}`,
    `  end it:     ${command} cancel ${name}`,
  ];
}
