import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { LetterGroups } from '../../activities/settings.js';
import type { NewDeadLetter } from '../../client/dead-letter/start.js';
import { messagePattern } from '../../common/dead-letter/group.js';
import type { GroupPlace } from '../../common/dead-letter-group/id.js';
import { GroupDefault, type GroupPreset } from '../../common/dead-letter-group/state.js';
import { FleetSize } from '../reporting/fleet-size.js';
import { ServerLink } from '../reporting/server-link.js';
import { FollowedGroup, type GroupsOfProcess } from './followed-group.js';

/** Groups that a process follows; of more, those that it used last. */
const MAX_FOLLOWED = 500;
/** New groups of a process: messages whose patterns differ from letter to letter must not make a workflow for each. */
const MAX_NEW = 100;
const NEW_WITHIN_MS = 3_600_000;
/** Some at once, then one in this time: a workflow costs the recovery worker about as much as a letter. */
const AT_ONCE = 5;
const NEW_INTERVAL_MS = 1_000;
const MAX_COUNTED = 5_000;
const CLOSE_LIMIT_MS = 3_000;

interface OfNamespace {
  readonly link: ServerLink;
  readonly size: FleetSize;
  readonly groups: Map<string, FollowedGroup>;
}

/** The groups of the letters that a process writes: their counts are reported in batches, off the path of the letters. */
export class WorkerGroups implements LetterGroups {
  /** Workers that use it. */
  private users = 0;
  private readonly namespaces = new Map<string, OfNamespace>();
  private readonly made: number[] = [];
  /** Calls whose letters were counted lately. */
  private readonly counted = new Set<string>();
  private sequence = 0;
  private isClosing = false;
  private readonly process: GroupsOfProcess;
  /** Requests of an activity end with it; those made here do not. */
  private readonly outsideOfActivities = AsyncLocalStorage.snapshot();

  constructor(
    taskQueue: string,
    private readonly fault: (where: string, error: unknown) => void,
  ) {
    this.process = {
      ...{ worker: randomUUID().slice(0, 13), taskQueue, fault },
      nextSequence: () => ++this.sequence,
      mayMake: () => this.mayMake(),
      notMade: () => void this.made.pop(),
      clock: () => performance.now(),
    };
  }

  /** @returns stops the use; after the last one the remaining counts are reported */
  use(): () => Promise<void> {
    this.users++;
    return async () => {
      if (--this.users > 0) return;
      await this.close();
    };
  }

  get areCounted(): boolean {
    return this.users > 0;
  }

  presetOf(client: Client, place: GroupPlace): Promise<GroupPreset> {
    if (this.users === 0) return Promise.resolve({ action: GroupDefault.WAIT });
    return this.outsideOfActivities(() => this.groupOf(client, place).preset());
  }

  letterWritten(client: Client, letter: NewDeadLetter, build: string | undefined, taskQueue: string): void {
    if (this.users === 0 || !this.isNew(letter)) return;
    const { queue, group, operation, error } = letter;
    const { errorCategory: category, statusCode } = error;
    const cause = {
      ...{ queue, group, operation, category, pattern: messagePattern(error.message) },
      ...(statusCode === undefined ? {} : { statusCode }),
    };
    this.outsideOfActivities(() => {
      const followed = this.groupOf(client, { queue, group });
      const size = this.of(client).size.of(taskQueue);
      const add = (workers: number) => followed.add({ letter, build }, cause, workers);
      if (typeof size === 'number') add(size);
      else void size.then(add);
    });
  }

  /** A call whose decision was interrupted is decided again, and its letter is there already. */
  private isNew({ origin: { workflowId, runId, scheduledEventId } }: NewDeadLetter): boolean {
    const call = `${workflowId}/${runId}/${scheduledEventId}`;
    if (this.counted.has(call)) return false;
    this.counted.add(call);
    const [oldest] = this.counted;
    if (this.counted.size > MAX_COUNTED && oldest !== undefined) this.counted.delete(oldest);
    return true;
  }

  private groupOf(client: Client, place: GroupPlace): FollowedGroup {
    const { groups } = this.of(client);
    const key = JSON.stringify([place.queue, place.group]);
    const known = groups.get(key);
    const group = known ?? new FollowedGroup(client, place, this.process);
    groups.delete(key);
    groups.set(key, group);
    if (groups.size > MAX_FOLLOWED) {
      const idle = [...groups].find(([each, { hasMore }]) => !hasMore && each !== key) ?? [...groups][0];
      if (idle !== undefined) groups.delete(idle[0]);
    }
    return group;
  }

  private of(client: Client): OfNamespace {
    const { namespace } = client.options;
    const known = this.namespaces.get(namespace);
    if (known !== undefined) return known;
    const link = new ServerLink(client);
    const size = new FleetSize(link, () => performance.now());
    const made = { link, size, groups: new Map<string, FollowedGroup>() };
    this.namespaces.set(namespace, made);
    return made;
  }

  private mayMake(): ReturnType<GroupsOfProcess['mayMake']> {
    const now = performance.now();
    while (this.made[0] !== undefined && now - this.made[0] > NEW_WITHIN_MS) this.made.shift();
    if (this.made.length >= MAX_NEW) {
      this.fault('counting letters by group', new Error(TOO_MANY));
      return 'never';
    }
    const before = this.made.at(-AT_ONCE);
    // One that closes has no later.
    const isPaced = !this.isClosing && before !== undefined;
    if (isPaced && now - before < AT_ONCE * NEW_INTERVAL_MS) return 'later';
    this.made.push(now);
    return 'now';
  }

  private async close(): Promise<void> {
    this.isClosing = true;
    const all = [...this.namespaces.values()];
    const groups = all.flatMap(({ groups: each }) => [...each.values()]);
    this.namespaces.clear();
    const flushed = Promise.all(groups.map((group) => group.flush()));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    });
    await Promise.race([flushed, limit]);
    clearTimeout(timer);
    for (const group of groups) group.stop();
    this.isClosing = false;
    for (const { link } of all) link.close();
  }
}

const TOO_MANY = `This process has made ${MAX_NEW} groups within an hour: letters of further causes are listed, and not counted by group`;
