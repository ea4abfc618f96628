import { patched } from '@temporalio/workflow';
import {
  type Flood,
  type ReportedFlood,
  type Resumption,
  reportedFlood,
  withFlood,
  withoutEndedFloods,
  withoutFloods,
} from '../../common/flood/floods.js';

/** Patch: before it a breaker knew nothing of floods. */
const FLOODS = 'temporal-recovery/floods';

/** Operations whose calls end as letters of one group, as the workers report them. */
export class Floods {
  list: readonly Flood[];
  /** The workers have to receive it: the breaker goes on in a new run. */
  isNews = false;

  constructor(list: readonly Flood[] = []) {
    this.list = list.length > 0 && patched(FLOODS) ? list : [];
  }

  merge(reported: readonly ReportedFlood[], now: number): void {
    if (reported.length === 0 || !patched(FLOODS)) return;
    for (const each of reported) this.become(withFlood(this.list, each, now));
  }

  /** Takes out those that are over. */
  tick(now: number): void {
    this.become(withoutEndedFloods(this.list, now));
  }

  /** A person lets calls go on. @returns false where none are held or shown */
  resume(resumed: Resumption, passMs: number | undefined, now: number): boolean {
    const before = this.list;
    this.become(withoutFloods(this.list, resumed, passMs, now));
    return this.list !== before;
  }

  get nextEnd(): number | undefined {
    return this.list.length === 0 ? undefined : Math.min(...this.list.map(({ until }) => until));
  }

  reported(now: number): readonly ReportedFlood[] {
    return this.list.map((each) => reportedFlood(each, now));
  }

  private become(list: readonly Flood[]): void {
    if (list === this.list) return;
    this.list = list;
    this.isNews = true;
  }
}
