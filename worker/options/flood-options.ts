import type { FloodOf } from '../../activities/settings.js';
import type { FloodRules } from '../../common/flood/key-flood.js';
import { findOperation, namesOfCall } from '../../common/strategies/index.js';
import { type Duration, readDuration } from '../../common/text/duration.js';
import { show } from '../../common/text/show.js';

/** What is done when many calls of an operation become dead letters of one cause. */
export interface FloodOptions {
  /**
   * Share of the last ended calls that became letters of one group: above 0, at most 1. The last calls are four times
   * `minimumCalls`, of the last hour, on one worker.
   * @default 0.5
   */
  share?: number;
  /** Calls that must have ended: 1 to 10,000. @default 50 */
  minimumCalls?: number;
  /**
   * `hold`: further calls wait as pending activities, one in a while is tried, and a success of it or a person lets them
   * go on. `alarm`: log, metric, and a line on the page of the circuit breaker.
   * @default 'alarm'
   */
  then?: 'hold' | 'alarm';
  /**
   * The longest that a call is held: milliseconds or a string such as `'2 hours'`. Then it is made.
   * @default '1 day'
   */
  patience?: Duration;
}

const DEFAULTS = { share: 0.5, minimumCalls: 50, action: 'alarm', patienceMs: 24 * 3_600_000 } as const;
const KNOWN = ['share', 'minimumCalls', 'then', 'patience'];
const MAX_MINIMUM_CALLS = 10_000;
const MAX_PATIENCE_MS = 365 * 24 * 3_600_000;
/** Names of operations may depend on arguments. */
const MAX_REMEMBERED = 1_000;

/** Reads the options `flood` and `operations.*.flood`; what is wrong goes to `problems`. */
export function readFloods(
  own: unknown,
  operations: ReadonlyMap<string, unknown>,
  problems: string[],
): FloodOf {
  const base = readOne(own, 'flood', problems);
  const ofOperations = new Map<string, ReturnType<typeof readOne>>();
  for (const [pattern, each] of operations) {
    if (each !== undefined) ofOperations.set(pattern, readOne(each, `operations.${pattern}.flood`, problems));
  }
  const remembered = new Map<string, FloodRules | false>();
  return ({ operation, activityType }) => {
    const name = operation === undefined ? activityType : `${operation}\n${activityType}`;
    let rules = remembered.get(name);
    if (rules === undefined) {
      rules = rulesOf(base, findOperation(ofOperations, namesOfCall({ operation, activityType })));
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(name, rules);
    }
    return rules === false ? undefined : rules;
  };
}

/** What an operation leaves out is the plugin's. */
function rulesOf(
  base: Partial<FloodRules> | false,
  own: Partial<FloodRules> | false | undefined,
): FloodRules | false {
  if (own === false || (own === undefined && base === false)) return false;
  return { ...DEFAULTS, ...(base === false ? {} : base), ...own };
}

function readOne(given: unknown, path: string, problems: string[]): Partial<FloodRules> | false {
  if (given === undefined || given === false) return given === false ? false : {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    problems.push(
      `${path}: expected an object with any of ${KNOWN.join(', ')}, or false, got ${show(given)}`,
    );
    return false;
  }
  const { share, minimumCalls, then: action, patience, ...unknown } = given as Record<string, unknown>;
  const expect = (name: string, fits: boolean, expected: string, value: unknown) => {
    if (value !== undefined && !fits)
      problems.push(`${path}.${name}: expected ${expected}, got ${show(value)}`);
  };
  const patienceMs = patience === undefined ? undefined : readDuration(patience);
  expect('share', isWithin(share, Number.MIN_VALUE, 1), 'a number above 0 and at most 1', share);
  expect(
    'minimumCalls',
    Number.isInteger(minimumCalls) && isWithin(minimumCalls, 1, MAX_MINIMUM_CALLS),
    `a whole number from 1 to ${MAX_MINIMUM_CALLS}`,
    minimumCalls,
  );
  expect('then', action === 'hold' || action === 'alarm', '"hold" or "alarm"', action);
  expect(
    'patience',
    isWithin(patienceMs, Number.MIN_VALUE, MAX_PATIENCE_MS),
    'a duration above 0 and of at most a year, in milliseconds or as a string such as "2 hours"',
    patience,
  );
  for (const name of Object.keys(unknown)) {
    problems.push(`${path}.${name}: unknown option; known here are ${KNOWN.join(', ')}`);
  }
  const read = { share, minimumCalls, action, patienceMs };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
