import type { RecoveryClient } from 'temporal-recovery/client';
import type { Country } from './country.js';
import type { FailedRecord } from './workflows.js';

/** A dead letter of this run, as the display and the operator need it. */
export interface Letter {
  readonly id: string;
  readonly cca3: string;
  readonly category: string;
  readonly message: string;
  readonly country: Country;
}

/** Reads the dead letters of failed records, each once. */
export class LetterReader {
  readonly #letters = new Map<string, Letter>();

  constructor(private readonly recovery: RecoveryClient) {}

  get letters(): readonly Letter[] {
    return [...this.#letters.values()];
  }

  async read(failed: readonly FailedRecord[]): Promise<void> {
    for (const { cca3, deadLetter: id } of failed) {
      if (id === undefined || this.#letters.has(id)) continue;
      const { record, args } = await this.recovery.deadLetters.get(id).describe();
      const { errorCategory: category, message } = record.error;
      this.#letters.set(id, {
        id,
        cca3,
        category,
        message,
        country: args?.[0] as Country,
      });
    }
  }
}
