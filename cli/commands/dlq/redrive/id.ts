import { REDRIVE_ID_PREFIX } from '../../../../common/contract.js';

export function redriveId(given: string): string {
  return given.startsWith(REDRIVE_ID_PREFIX) ? given : `${REDRIVE_ID_PREFIX}${given}`;
}

export function shortRedriveId(id: string): string {
  return id.startsWith(REDRIVE_ID_PREFIX) ? id.slice(REDRIVE_ID_PREFIX.length) : id;
}
