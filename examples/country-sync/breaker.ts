import type { RecoveryClient } from 'temporal-recovery/client';

/** Tells what the circuit breaker of an activity does. */
export class BreakerReader {
  private epoch = 0;

  constructor(
    private readonly recovery: RecoveryClient,
    private readonly name: string,
    private readonly tell: (text: string) => void,
  ) {}

  async look(): Promise<void> {
    try {
      const { transitions } = await this.recovery.breakers.get(this.name).describe();
      for (const { epoch, to } of transitions) {
        if (epoch <= this.epoch) continue;
        this.epoch = epoch;
        this.tell(`circuit breaker: ${to}${MEANING[to] ?? ''}`);
      }
    } catch {
      // There is none yet: nothing has failed so far.
    }
  }
}

const MEANING: Partial<Record<string, string>> = {
  OPEN: ' - writes wait, and do not use up their attempts',
  HALF_OPEN: ' - one write is tried',
  CLOSED: ' - writes go on',
};
