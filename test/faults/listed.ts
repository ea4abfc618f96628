import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { RecoveryClient, type RedriveReport } from 'temporal-recovery/client';
import { checkRedrive } from '../../client/redrive/request.js';
import type { Lie, Visibility } from '../support/visibility.js';
import { outcomesOf, redriveWhole } from './invariants.js';
import { persistently } from './persistently.js';
import { between, randomFor } from './random.js';
import { type Origin, write } from './records.js';
import { redrive } from './redrive.js';
import { LISTED, type Scene } from './scene.js';
import type { Fault } from './schedule.js';
import { RECOVERY_TASK_QUEUE } from './worker.js';

/** Their letters are those of one operation, which nothing else replays while there are faults. */
const FILTER = { operation: 'publish' } as const;
/** As a redrive asks for them. */
export const LISTED_QUERY = checkRedrive({ filter: FILTER }).query as string;

const LIMIT = 5;
const READ_WITHIN_MS = 5_000;

/** A redrive by filter that began while visibility lied. */
export interface ListedRedrive {
  readonly id: string;
  readonly lie: Lie;
  readonly report: RedriveReport;
  /** By id of the letter. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** Its list was complete: every letter has to have an outcome. */
  readonly isComplete: boolean;
  /** What is not as it was promised. */
  readonly wrong: readonly string[];
}

export interface Listed {
  readonly redrives: readonly ListedRedrive[];
  readonly reads: readonly Read[];
}

/** A list that a client asked for while visibility lied. */
interface Read {
  readonly error?: string;
  readonly wrong: readonly string[];
}

/** Who asks visibility when it lies, and what it then said. */
export interface Liar {
  readonly visibility: Visibility;
  readonly deceived: Client;
}

/** Letters of the first half of the records, before the faults. */
export function makeListed(scene: Scene): Promise<Origin[]> {
  return Promise.all(
    namesOf(scene)
      .filter((_, index) => index % 2 === 0)
      .map((name) => write(scene, `origin-${name}`, [name])),
  );
}

/** The others are written while there are faults: visibility that is late does not know them. Each is mended at a time of its own. */
export async function writeListed(scene: Scene): Promise<Origin[]> {
  const { seed, size, target, from } = scene;
  const origins = namesOf(scene).map(async (name, index) => {
    const random = randomFor(seed, name);
    const mendAt = from + between(random, 0, 1) * size.faultsMs;
    const mended = delay(mendAt - Date.now()).then(() => target.mend(name));
    if (index % 2 === 0) return mended;
    await delay(from + between(random, 0, 0.8) * size.faultsMs - Date.now());
    const [origin] = await Promise.all([write(scene, `origin-${name}`, [name]), mended]);
    return origin;
  });
  return (await Promise.all(origins)).flatMap((origin) => origin ?? []);
}

function namesOf({ size }: Scene): string[] {
  return Array.from({ length: size.listed }, (_, index) => `${LISTED}${index}`);
}

/** Redrives by filter and lists, each begun while visibility lies. Nothing waits for the one before. */
export async function redriveListed(scene: Scene, faults: readonly Fault[], liar: Liar): Promise<Listed> {
  const redrives: Promise<ListedRedrive>[] = [];
  const reads: Promise<Read>[] = [];
  for (const [index, { atMs, forMs, lie }] of faults.entries()) {
    if (lie === undefined) continue;
    const at = (share: number) => delay(scene.from + atMs + share * forMs - Date.now());
    const begin = async (share: number, request: { limit?: number }) => {
      await at(share);
      return redriveOnce(scene, `listed-${index}-${share}`, lie, request, liar.visibility);
    };
    redrives.push(begin(0.05, lie === 'repeated' ? { limit: LIMIT } : {}));
    // What the first one has replayed is still open in a list that is late.
    if (lie === 'late') redrives.push(begin(0.5, {}));
    reads.push(at(0.3).then(() => read(liar.deceived)));
  }
  return { redrives: await Promise.all(redrives), reads: await Promise.all(reads) };
}

async function redriveOnce(
  scene: Scene,
  name: string,
  lie: Lie,
  request: { limit?: number },
  visibility: Visibility,
): Promise<ListedRedrive> {
  const from = Date.now();
  const before = await openLetters(scene);
  const report = await redrive(scene, name, { filter: FILTER, rate: 50, ...request });
  const isComplete = !visibility.omitted(from, Date.now());
  const left = await openLetters(scene);
  const id = `redrive/${name}`;
  const outcomes = await outcomesOf(scene, id);
  const wrong = [
    ...(await redriveWhole(scene, id, report, [])),
    ...(request.limit === undefined || report.total <= request.limit
      ? []
      : [`${report.total} letters at a limit of ${request.limit}`]),
    ...(isComplete ? omitted(before, left, outcomes, report) : []),
  ];
  return { id, lie, report, outcomes, isComplete, wrong: wrong.map((each) => `${id} (${lie}): ${each}`) };
}

type StartTimes = ReadonlyMap<string, number>;

/** Letters that it had to take: open all the time, and older than one that it took. */
function omitted(
  before: StartTimes,
  left: StartTimes,
  outcomes: ReadonlyMap<string, string>,
  { truncated }: RedriveReport,
): string[] {
  const newest = truncated
    ? Math.max(...[...outcomes.keys()].map((id) => before.get(id) ?? Number.NEGATIVE_INFINITY))
    : Number.POSITIVE_INFINITY;
  return [...before]
    .filter(([id, at]) => left.has(id) && !outcomes.has(id) && at < newest)
    .map(([id]) => `it omitted ${id}`);
}

/** True ones, by id: when they began. */
function openLetters({ client, until }: Scene): Promise<StartTimes> {
  return persistently('open letters', until, async () => {
    const found = new Map<string, number>();
    for await (const { workflowId, startTime } of client.workflow.list({ query: LISTED_QUERY })) {
      found.set(workflowId, startTime.getTime());
    }
    return found;
  });
}

/** As a person lists letters. An error is an answer; a letter that comes twice is none. */
async function read(deceived: Client): Promise<Read> {
  const { deadLetters } = new RecoveryClient({ client: deceived, taskQueue: RECOVERY_TASK_QUEUE });
  try {
    const letters = await deceived.withDeadline(Date.now() + READ_WITHIN_MS, () =>
      deadLetters.list({ ...FILTER, limit: 1_000 }),
    );
    const ids = letters.map(({ id }) => id);
    const twice = ids.filter((id, index) => ids.indexOf(id) < index);
    return { wrong: twice.map((id) => `a list has ${id} twice`) };
  } catch (error) {
    return { error: `${error}`, wrong: [] };
  }
}
