import { patched } from '@temporalio/workflow';
import {
  firstEnd,
  type ReportedThrottle,
  reportedThrottle,
  type Throttle,
  throttleOfAll,
  withoutEnded,
  withThrottle,
} from '../../common/quota/throttles.js';

/** Patch: before it a breaker knew nothing of quotas. */
const THROTTLES = 'temporal-recovery/throttles';

/** The quotas of a service that are used up, as the workers report them. */
export class Quotas {
  list: readonly Throttle[];
  /** The workers have to receive it: the breaker goes on in a new run. */
  isNews = false;

  constructor(list: readonly Throttle[] = []) {
    this.list = list.length > 0 && patched(THROTTLES) ? list : [];
  }

  merge(reported: readonly ReportedThrottle[], now: number): void {
    if (reported.length === 0 || !patched(THROTTLES)) return;
    for (const each of reported) this.become(withThrottle(this.list, each, now));
  }

  /** Takes out those that are over. */
  tick(now: number): void {
    this.become(withoutEnded(this.list, now));
  }

  /** A person says that calls go on. */
  clear(): void {
    if (this.list.length > 0) this.become([]);
  }

  get nextEnd(): number | undefined {
    return firstEnd(this.list);
  }

  get ofAll(): Throttle | undefined {
    return throttleOfAll(this.list);
  }

  reported(now: number): readonly ReportedThrottle[] {
    return this.list.map((each) => reportedThrottle(each, now));
  }

  private become(list: readonly Throttle[]): void {
    if (list === this.list) return;
    this.list = list;
    this.isNews = true;
  }
}
