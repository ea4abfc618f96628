import type { NewDeadLetter } from '../../client/dead-letter/start.js';
import { MAX_KEYS } from '../../common/dead-letter-group/counts.js';
import type { GroupReport } from '../../common/dead-letter-group/messages.js';
import { beginning, wellFormed } from '../../common/text/text.js';

const MAX_NAME = 200;
const MAX_MESSAGE = 300;

/** A letter that was written, as it is counted. */
export interface WrittenLetter {
  readonly letter: Pick<NewDeadLetter, 'id' | 'activityType' | 'call' | 'error'>;
  /** Of the worker whose attempt failed. */
  readonly build: string | undefined;
}

/** Letters of a group that were written since the last report. */
export class LetterBatch {
  letters = 0;
  private oldestAt = 0;
  private newestAt = 0;
  private readonly activities = new Map<string, number>();
  private readonly hosts = new Map<string, number>();
  private readonly versions = new Map<string, number>();
  private readonly taskQueues = new Set<string>();
  private sample: GroupReport['sample'];

  /** @param now milliseconds; monotonic */
  add({ letter, build }: WrittenLetter, now: number): void {
    const { id, activityType, call, error } = letter;
    if (this.letters++ === 0) this.oldestAt = now;
    this.newestAt = now;
    addTo(this.activities, activityType);
    addTo(this.hosts, hostOf(error.requestUrl));
    addTo(this.versions, build);
    if (this.taskQueues.size < MAX_KEYS) this.taskQueues.add(call.taskQueue);
    this.sample = { id, message: beginning(error.message, MAX_MESSAGE) };
  }

  report(worker: string, sequence: number, now: number): GroupReport {
    const { letters, oldestAt, newestAt, activities, hosts, versions, taskQueues, sample } = this;
    const age = (at: number) => Math.max(0, Math.round(now - at));
    return {
      ...{ v: 1, worker, sequence, letters, oldestMs: age(oldestAt), newestMs: age(newestAt) },
      ...{ activities: Object.fromEntries(activities), hosts: Object.fromEntries(hosts) },
      ...{ versions: Object.fromEntries(versions), taskQueues: [...taskQueues] },
      ...(sample === undefined ? {} : { sample }),
    };
  }
}

/** What is beyond the limit is in the number of letters only. */
function addTo(counts: Map<string, number>, key: string | undefined): void {
  if (!key) return;
  const name = beginning(wellFormed(key), MAX_NAME);
  if (counts.size < MAX_KEYS || counts.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined || !URL.canParse(url) ? undefined : new URL(url).host;
}
