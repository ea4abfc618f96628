import { readDuration } from '../text/duration.js';
import { show } from '../text/show.js';
import { beginning } from '../text/text.js';
import { GroupDefault } from './state.js';

/** Signals of a group that people send. */
export const GROUP_ORDERS = [
  'note',
  'assign',
  'link',
  'mute',
  'unmute',
  'resolve',
  'setDefault',
  'redrive',
] as const;
export type GroupOrderKind = (typeof GROUP_ORDERS)[number];

/** Who gives an order to a group, and why. */
export interface GroupOrder {
  /** Who, at most 500 characters. @default the sender's Temporal identity, where it is known */
  readonly by?: string;
  /** Why, at most 500 characters; shown without secrets. */
  readonly reason?: string;
}

/** How long a group is muted. At least one of `for`, `until` and `letters`. */
export interface MuteOrder extends GroupOrder {
  /** For this time: milliseconds or a string such as `'2 hours'`. */
  readonly for?: number | string;
  /** Until this time, ISO. */
  readonly until?: string;
  /** Until it has more than this number of new letters. */
  readonly letters?: number;
}

/** How the open letters of a group are replayed. */
export interface GroupRedriveOrder extends GroupOrder {
  /** Letters to replay first: if one of them fails, no other is replayed. @default 1 */
  readonly canary?: number;
  /** Letters a second at the most. @default 10 */
  readonly rate?: number;
}

/** An order as the group carries it out. */
export interface ParsedGroupOrder extends GroupOrder {
  readonly kind: GroupOrderKind;
  readonly text?: string;
  readonly untilMs?: number;
  readonly letters?: number;
  readonly action?: GroupDefault;
  readonly canary?: number;
  readonly rate?: number;
}

/** Input of an order that cannot be understood. The message names the field, the value and the fix. */
export class MalformedGroupOrderError extends Error {
  override readonly name = 'MalformedGroupOrderError';
}

const MAX_BY = 500;
const MAX_LETTERS = 1_000_000_000;
const MAX_MUTE_MS = 366 * 24 * 3_600_000;

interface Kind {
  readonly example: string;
  /** The field that a plain text stands for, and the most characters it may have. */
  readonly text?: readonly [field: string, length: number];
  readonly fields?: readonly string[];
}

const KINDS: Readonly<Record<GroupOrderKind, Kind>> = {
  note: { example: '{"note": "known: see the ticket", "by": "you"}', text: ['note', 1_000] },
  assign: { example: '{"owner": "team-billing", "by": "you"}', text: ['owner', 200] },
  link: { example: '{"link": "https://tickets.example/42", "by": "you"}', text: ['link', 500] },
  mute: {
    example: '{"for": "1 day", "letters": 100, "by": "you", "reason": "…"}',
    fields: ['for', 'until', 'letters'],
  },
  unmute: { example: '{"by": "you"}' },
  resolve: { example: '{"by": "you", "reason": "mended in 1.4.2"}' },
  setDefault: {
    example: `{"action": "${GroupDefault.DISCARD}", "by": "you", "reason": "…"}`,
    text: ['action', 100],
  },
  redrive: { example: '{"canary": 1, "by": "you"}', fields: ['canary', 'rate'] },
};

/** Input with which an order works, for pages and errors. */
export function exampleOf(kind: GroupOrderKind): string {
  return KINDS[kind].example;
}

/** @throws MalformedGroupOrderError */
export function parseGroupOrder(kind: GroupOrderKind, input: unknown, now: number): ParsedGroupOrder {
  const { text, fields = [], example } = KINDS[kind];
  const fail = (what: string): never => {
    throw new MalformedGroupOrderError(`${kind}: ${what}; expected ${example}`);
  };
  const given = text !== undefined && typeof input === 'string' ? { [text[0]]: input } : (input ?? {});
  if (typeof given !== 'object' || Array.isArray(given))
    return fail(`the input must be a JSON object; got ${show(input)}`);
  const values = given as Record<string, unknown>;
  const known = [...(text === undefined ? [] : [text[0]]), ...fields, 'by', 'reason'];
  const stranger = Object.keys(values).find((key) => !known.includes(key));
  if (stranger !== undefined) fail(`unknown field ${show(stranger)}`);
  const textOf = (name: string, length: number): string | undefined => {
    const value = values[name] ?? undefined;
    if (value !== undefined && typeof value !== 'string')
      fail(`${name} must be a string; got ${show(value)}`);
    return value === undefined ? undefined : beginning(value as string, length);
  };
  const order = { kind, by: textOf('by', MAX_BY), reason: textOf('reason', MAX_BY) };
  if (text !== undefined) {
    const [name, length] = text;
    const value = textOf(name, length);
    if (value === undefined) return fail(`${name} is missing; an empty one removes it`);
    if (kind === 'setDefault') return { ...order, action: actionOf(value, fail) };
    if (kind === 'link' && value !== '' && !/^https?:\/\/[^\s]+$/.test(value))
      fail(`link must begin with http:// or https://; got ${show(value)}`);
    return { ...order, text: value };
  }
  if (kind === 'mute') return { ...order, ...muteOf(values, now, fail) };
  if (kind === 'redrive') {
    return {
      ...order,
      canary: numberOf(
        values,
        'canary',
        (value) => Number.isInteger(value) && value >= 0 && value <= 1_000,
        fail,
      ),
      rate: numberOf(values, 'rate', (value) => value >= 0.01 && value <= 1_000, fail),
    };
  }
  return order;
}

type Fail = (what: string) => never;

function actionOf(value: string, fail: Fail): GroupDefault {
  const actions = Object.values(GroupDefault);
  const found = actions.find((each) => each === value);
  return found ?? fail(`action must be one of ${actions.join(', ')}; got ${show(value)}`);
}

function muteOf(values: Record<string, unknown>, now: number, fail: Fail) {
  const { for: duration, until } = values;
  const letters = numberOf(
    values,
    'letters',
    (value) => Number.isInteger(value) && value >= 0 && value <= MAX_LETTERS,
    fail,
  );
  if ((duration ?? until ?? letters ?? undefined) === undefined)
    return fail('until when? Give for, until or letters: what is muted for ever is forgotten');
  const ends: number[] = [];
  if (duration !== undefined && duration !== null) {
    const ms = readDuration(duration);
    if (ms === undefined || ms <= 0 || ms > MAX_MUTE_MS)
      return fail(`for must be a duration above 0 and of at most a year; got ${show(duration)}`);
    ends.push(now + ms);
  }
  if (until !== undefined && until !== null) {
    const at = typeof until === 'string' ? Date.parse(until) : Number.NaN;
    if (Number.isNaN(at) || at > now + MAX_MUTE_MS)
      return fail(`until must be an ISO time within a year; got ${show(until)}`);
    ends.push(at);
  }
  return { ...(ends.length === 0 ? {} : { untilMs: Math.min(...ends) }), letters };
}

function numberOf(
  values: Record<string, unknown>,
  name: string,
  fits: (value: number) => boolean,
  fail: Fail,
): number | undefined {
  const value = values[name] ?? undefined;
  if (value === undefined) return undefined;
  return typeof value === 'number' && fits(value) ? value : fail(`${name} does not fit; got ${show(value)}`);
}
