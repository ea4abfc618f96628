import { utf8Length } from '../text/text.js';
import type { KeyEntry, Lease, WorkerEntry } from './book-entries.js';
import type { Share } from './limit.js';
import { LongUse, type LongUseState } from './long-use.js';

/**
 * What a book carries from run to run. There may be a lease for each worker and key, so it is written with lists instead of
 * objects, and times are milliseconds from `at`.
 */
export interface BookState {
  readonly at: number;
  /** Of workers: others name them by their place. */
  readonly ids: readonly string[];
  readonly workers: readonly WorkerState[];
  readonly keys: readonly KeyState[];
}

type WorkerState = readonly [
  id: number,
  base: number,
  baseUntil: number,
  before: number,
  beforeUntil: number,
  answeredAt: number,
  sequence: number,
];
type KeyState = readonly [
  key: string,
  listedAt: number | null,
  closedUntil: number | null,
  use: LongUseState,
  leases: readonly LeaseState[],
];
type LeaseState = readonly [
  worker: number,
  until: number,
  beforeUntil: number,
  perSecond: number,
  waiting: number,
  running: number,
  tokens: number,
  shares: readonly number[],
  before: readonly number[],
];

type Book = readonly [workers: ReadonlyMap<string, WorkerEntry>, keys: ReadonlyMap<string, KeyEntry>];

/** Of what long windows have used: beyond it they are written with fewer parts. */
const MAX_USE_BYTES = 500_000;
const FEW_PARTS = 10;

/**
 * Writes a book in at most a number of bytes of JSON. What was used of long windows comes first, then the leases of the most
 * wanted keys.
 * @param close drops the leases of a key for which there is no room
 */
export function writeBook(
  [workers, keys]: Book,
  at: number,
  bytes: number,
  close: (key: string) => void,
): BookState {
  const ids = new Ids();
  const written = [...workers].map(([id, worker]) => writeWorker(ids.of(id), worker, at));
  const isMuch = sizeOf([...keys.values()].map(({ use }) => use.state)) > MAX_USE_BYTES;
  const useOf = ({ use }: KeyEntry) => (isMuch ? use.inFewerParts(FEW_PARTS) : use.state);
  const withoutLeases = [...keys].map(([key, entry]) => [key, null, null, useOf(entry), []]);
  let room = bytes - sizeOf({ at, ids: ids.all, workers: written, keys: withoutLeases }) - keys.size * 40;
  const wanted = [...keys].sort(([, a], [, b]) => wantedOf(b) - wantedOf(a));
  const leasesOf = new Map<string, LeaseState[]>();
  for (const [key, { leases }] of wanted) {
    if (leases.size === 0) continue;
    const known = ids.all.length;
    const list = room > 0 ? [...leases].map(([id, lease]) => writeLease(ids.of(id), lease, at)) : [];
    if (room > 0) room -= sizeOf(list) + sizeOf(ids.all.slice(known));
    if (room > 0) leasesOf.set(key, list);
    else close(key);
  }
  return {
    ...{ at, ids: ids.all, workers: written },
    keys: [...keys].map(([key, entry]) => [
      key,
      entry.listedAt === undefined ? null : entry.listedAt - at,
      entry.closedUntil <= at ? null : entry.closedUntil - at,
      useOf(entry),
      leasesOf.get(key) ?? [],
    ]),
  };
}

export function readBook({
  at,
  ids,
  workers,
  keys,
}: BookState): [Map<string, WorkerEntry>, Map<string, KeyEntry>] {
  const named = <T>(each: readonly (readonly [number, T])[]) =>
    new Map(each.flatMap(([id, value]) => (ids[id] === undefined ? [] : [[ids[id], value] as const])));
  return [
    named(workers.map((each) => [each[0], readWorker(each, at)])),
    new Map(
      keys.map(([key, listedAt, closedUntil, use, leases]) => [
        key,
        {
          listedAt: listedAt === null ? undefined : listedAt + at,
          closedUntil: closedUntil === null ? 0 : closedUntil + at,
          leases: named(leases.map((each) => [each[0], readLease(each, at)])),
          use: new LongUse(use),
        },
      ]),
    ),
  ];
}

function writeWorker(id: number, worker: WorkerEntry, at: number): WorkerState {
  const { base, baseUntil, before, beforeUntil, answeredAt, sequence } = worker;
  return [id, base, baseUntil - at, before, beforeUntil - at, answeredAt - at, sequence];
}

function readWorker([, base, baseUntil, before, beforeUntil, answeredAt, sequence]: WorkerState, at: number) {
  return {
    ...{ base, baseUntil: baseUntil + at, before, beforeUntil: beforeUntil + at },
    ...{ answeredAt: answeredAt + at, sequence },
  };
}

function writeLease(worker: number, lease: Lease, at: number): LeaseState {
  const { until, beforeUntil, perSecond, waiting, running, tokens, shares, before } = lease;
  const wanted = Math.round(perSecond * 100) / 100;
  return [
    ...([worker, until - at, beforeUntil - at, wanted, waiting, running, tokens] as const),
    ...([shares.flatMap(flat), before.flatMap(flat)] as const),
  ];
}

function readLease(
  [, until, beforeUntil, perSecond, waiting, running, tokens, shares, before]: LeaseState,
  at: number,
): Lease {
  return {
    ...{ until: until + at, beforeUntil: beforeUntil + at, perSecond, waiting, running, tokens },
    ...{ shares: pairs(shares), before: pairs(before) },
  };
}

function flat({ calls, perMs }: Share): number[] {
  return [calls, perMs];
}

function pairs(list: readonly number[]): Share[] {
  const shares: Share[] = [];
  for (let at = 0; at + 1 < list.length; at += 2)
    shares.push({ calls: list[at] as number, perMs: list[at + 1] as number });
  return shares;
}

function wantedOf({ leases }: KeyEntry): number {
  let sum = 0;
  for (const { perSecond, waiting, running } of leases.values()) sum += perSecond + waiting + running;
  return sum;
}

function sizeOf(value: unknown): number {
  return utf8Length(JSON.stringify(value));
}

/** Each id once. */
class Ids {
  readonly all: string[] = [];
  private readonly places = new Map<string, number>();

  of(id: string): number {
    const known = this.places.get(id);
    if (known !== undefined) return known;
    const place = this.all.push(id) - 1;
    this.places.set(id, place);
    return place;
  }
}
