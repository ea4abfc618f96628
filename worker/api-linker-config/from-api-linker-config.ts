import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { ErrorCategory } from '../../common/errors/index.js';
import { APILINKER_LIMITS, APILINKER_STRATEGIES, RecoveryStrategy } from '../../common/strategies/index.js';
import type { BreakerSettings } from '../breaker-options.js';
import { InvalidOptionsError, type OperationOptions, type RecoveryPluginOptions } from '../options.js';

/**
 * Options for `RecoveryPlugin` from the `error_handling` section of an APILinker configuration, with or without that
 * key around it. They keep what APILinker does: its strategies, 3 retries, 1 s, times 2. A circuit breaker is used by
 * the calls whose operation or activity type has its name.
 * @throws InvalidOptionsError with path and line of every problem
 */
export function fromApiLinkerConfig(yamlText: string): RecoveryPluginOptions {
  const lines = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter: lines, prettyErrors: true });
  const problems = new ConfigProblems(lines);
  for (const error of document.errors) problems.list.push(error.message);
  problems.throwIfAny();
  const root = document.contents;
  const section = isMap(root) && root.has('error_handling') ? root.get('error_handling', true) : root;
  const read = isMap(section)
    ? readSection(section, problems)
    : problems.none(section, SECTION, 'a section with any of circuit_breakers, recovery_strategies, dlq');
  problems.throwIfAny();
  return read ?? {};
}

const SECTION = 'error_handling';
const { maxRetries, retryDelay, backoffFactor } = APILINKER_LIMITS;

function readSection(section: YAMLMap, problems: ConfigProblems): RecoveryPluginOptions {
  const strategies = { ...APILINKER_STRATEGIES } as Record<ErrorCategory, readonly RecoveryStrategy[]>;
  const breakers: Record<string, BreakerSettings> = {};
  eachOf(section, SECTION, problems, {
    recovery_strategies: (node, path) => Object.assign(strategies, readStrategies(node, path, problems)),
    circuit_breakers: (node, path) => Object.assign(breakers, readBreakers(node, path, problems)),
    dlq: (node, path) => refuseDirectory(node, path, problems),
  });
  const operations: Record<string, OperationOptions> = Object.fromEntries(
    Object.keys(breakers).map((name) => [name, { breaker: name }]),
  );
  return {
    maxRetries,
    retryDelay,
    backoffFactor,
    categories: Object.fromEntries(
      Object.entries(strategies).map(([category, list]) => [category, [...list]]),
    ),
    ...(Object.keys(breakers).length === 0 ? {} : { breakers, operations }),
  };
}

function readStrategies(node: Node | null, path: string, problems: ConfigProblems) {
  const read: Partial<Record<ErrorCategory, readonly RecoveryStrategy[]>> = {};
  if (!isMap(node)) return problems.none(node, path, 'categories with lists of strategies') ?? read;
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : key);
    const at = `${path}.${name}`;
    const category = categoryOf(name);
    if (category === undefined) {
      problems.add(key as Node, at, `one of ${CATEGORY_NAMES.join(', ')}`, name);
      continue;
    }
    const items = isSeq(value) ? value.items : [value];
    read[category] = items.flatMap((item, index) => {
      const given = isScalar(item) ? item.value : item;
      const strategy = strategyOf(given);
      if (strategy !== undefined) return [strategy];
      const where = isSeq(value) ? `${at}[${index}]` : at;
      problems.add(item as Node | null, where, `one of ${STRATEGY_NAMES.join(', ')}`, given);
      return [];
    });
  }
  return read;
}

function readBreakers(
  node: Node | null,
  path: string,
  problems: ConfigProblems,
): Record<string, BreakerSettings> {
  if (!isMap(node)) return problems.none(node, path, 'settings by the name of a circuit breaker') ?? {};
  return Object.fromEntries(
    node.items.map(({ key, value }) => {
      const name = String(isScalar(key) ? key.value : key);
      const at = `${path}.${name}`;
      const number =
        (of: string, isValid: (value: number) => boolean, expected: string) =>
        (item: Node | null, where: string) => {
          const given = isScalar(item) ? item.value : item;
          if (typeof given === 'number' && isValid(given)) settings[of] = given;
          else problems.add(item, where, expected, given);
        };
      const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
      const settings: Record<string, number> = {};
      if (!isMap(value)) problems.none(value as Node | null, at, 'settings of a circuit breaker');
      else {
        eachOf(value, at, problems, {
          failure_threshold: number('threshold', isCount, 'a whole number of failures from 1'),
          reset_timeout_seconds: number('seconds', (given) => given >= 0, 'a number of seconds, 0 or more'),
          half_open_max_calls: number('trials', isCount, 'a whole number of calls from 1'),
        });
      }
      const { threshold = 5, seconds = 60, trials = 1 } = settings;
      return [
        name,
        { consecutiveFailures: threshold, openTime: seconds * 1000, halfOpen: { permittedTrials: trials } },
      ];
    }),
  );
}

function refuseDirectory(node: Node | null, path: string, problems: ConfigProblems): void {
  if (!isMap(node)) return void problems.none(node, path, 'a section');
  eachOf(node, path, problems, {
    directory: (value, where) =>
      problems.say(
        value,
        where,
        'dead letters are workflows and need no directory; leave it out, and give the queue a name with the option queue',
      ),
  });
}

/** Calls the reader of each key; a key nobody reads is a problem. */
function eachOf(
  map: YAMLMap,
  path: string,
  problems: ConfigProblems,
  readers: Readonly<Record<string, (value: Node | null, path: string) => unknown>>,
): void {
  for (const { key, value } of map.items) {
    const name = String(isScalar(key) ? key.value : key);
    const at = `${path}.${name}`;
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined) {
      problems.say(key as Node, at, `unknown key; known here are ${Object.keys(readers).join(', ')}`);
    } else read(value as Node | null, at);
  }
}

/** APILinker's names, which are those of the Python enum, and ours. */
const CATEGORY_NAMES = Object.keys(ErrorCategory).map((name) => name.toLowerCase());
const STRATEGY_NAMES = Object.values(RecoveryStrategy).map((name) => name.toLowerCase());

function categoryOf(name: string): ErrorCategory | undefined {
  const upper = name.toUpperCase();
  return Object.entries(ErrorCategory).find(([key, value]) => key === upper || value === upper)?.[1];
}

function strategyOf(value: unknown): RecoveryStrategy | undefined {
  const upper = String(value).toUpperCase();
  return Object.values(RecoveryStrategy).find((strategy) => strategy === upper);
}

class ConfigProblems {
  readonly list: string[] = [];

  constructor(private readonly lines: LineCounter) {}

  add(node: Node | null, path: string, expected: string, value: unknown): void {
    this.say(node, path, `expected ${expected}, got ${JSON.stringify(value) ?? String(value)}`);
  }

  say(node: Node | null, path: string, message: string): void {
    const offset = node?.range?.[0];
    const line = offset === undefined ? '' : ` (line ${this.lines.linePos(offset).line})`;
    this.list.push(`${path}${line}: ${message}`);
  }

  /** An empty section is none; anything else that is no section is a problem. */
  none(node: unknown, path: string, expected: string): undefined {
    const isEmpty = node === null || node === undefined || (isScalar(node) && node.value === null);
    if (!isEmpty) this.add(node as Node, path, expected, isScalar(node) ? node.value : 'a list');
    return undefined;
  }

  throwIfAny(): void {
    if (this.list.length > 0)
      throw new InvalidOptionsError(`fromApiLinkerConfig: ${this.list.join('; ')}`, this.list);
  }
}
