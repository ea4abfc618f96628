import type { Client } from '@temporalio/client';
import type { RecoveryClient } from 'temporal-recovery/client';
import { randomFor } from './random.js';
import type { Nature, Target } from './target.js';

/** How big a campaign is. */
export interface CampaignSize {
  readonly records: number;
  readonly letters: number;
  readonly parked: number;
  /** Records whose letters are replayed by filter only. */
  readonly listed: number;
  /** How long there are faults. */
  readonly faultsMs: number;
  /** From one fault to the next, on average. */
  readonly everyMs: number;
  readonly faultForMs: readonly [number, number];
  readonly workers: number;
  readonly recoveryWorkers: number;
  readonly patienceMs: number;
  /** After the faults: everything is done by then. */
  readonly settleMs: number;
}

/** What the parts of a campaign work with. The clients have a network without faults. */
export interface Scene {
  readonly seed: number;
  readonly size: CampaignSize;
  readonly client: Client;
  readonly recovery: RecoveryClient;
  readonly target: Target;
  /** When the faults begin. */
  readonly from: number;
  /** When everything has to be done. */
  readonly until: number;
}

/** Records by what they are for. */
export const LETTER = 'letter-';
export const PARKED = 'parked-';
export const RECORD = 'record-';
export const LISTED = 'listed-';

/** What the target does with a record. */
export function natureOf(seed: number, record: string): Nature {
  if ([LETTER, PARKED, LISTED].some((name) => record.startsWith(name))) return 'poison';
  if (!record.startsWith(RECORD)) return 'well';
  const random = randomFor(seed, `nature of ${record}`)();
  if (random < 0.55) return 'well';
  if (random < 0.85) return 'shaky';
  return random < 0.97 ? 'poison' : 'sick';
}
