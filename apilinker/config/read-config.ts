import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ErrorCategory } from '../../common/errors/index.js';
import { APILINKER_LIMITS, APILINKER_STRATEGIES, RecoveryStrategy } from '../../common/strategies/index.js';
import type { BreakerSettings } from '../../worker/options/breaker-options.js';
import {
  InvalidOptionsError,
  type OperationOptions,
  type RecoveryPluginOptions,
} from '../../worker/options/options.js';
import { type Entry, YamlNodes } from './yaml-nodes.js';

/** @throws InvalidOptionsError with path and line of every problem */
export function readConfig(yamlText: string): RecoveryPluginOptions {
  const lines = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter: lines, prettyErrors: true });
  const problems = new ConfigProblems(lines);
  for (const error of document.errors) problems.list.push(error.message);
  problems.throwIfAny();
  const section = new SectionReader(new YamlNodes(document), problems);
  const read = section.read(document.contents);
  problems.throwIfAny();
  return read ?? {};
}

const SECTION = 'error_handling';
const SECTION_KEYS = ['circuit_breakers', 'recovery_strategies', 'dlq'];
/** What stands beside the section in a configuration file of APILinker 0.7. */
const BESIDE_SECTION = [
  ...['source', 'sources', 'target', 'mapping', 'schedule', 'security', 'secrets', 'validation', 'logging'],
  ...['provenance', 'idempotency', 'state'],
];
const { maxRetries, retryDelay, backoffFactor } = APILINKER_LIMITS;

type Readers = Readonly<Record<string, (value: Node | null, path: string) => unknown>>;

class SectionReader {
  constructor(
    private readonly nodes: YamlNodes,
    private readonly problems: ConfigProblems,
  ) {}

  read(root: unknown): RecoveryPluginOptions | undefined {
    const entries = this.nodes.entries(root);
    const within = entries.find(({ name }) => name === SECTION);
    const has = (names: readonly string[]) => entries.some(({ name }) => names.includes(name));
    // With both it is neither: somebody forgot the key, and APILinker would read nothing of it.
    if (within === undefined && has(BESIDE_SECTION) && !has(SECTION_KEYS)) return this.optionsOf([]);
    const section = within === undefined ? this.nodes.resolve(root) : within.value;
    if (isMap(section)) return this.optionsOf(this.nodes.entries(section));
    // The key with nothing behind it: the defaults, as without the key.
    if (within !== undefined && isNothing(section)) return this.optionsOf([]);
    return this.problems.none(section, SECTION, `a section with any of ${SECTION_KEYS.join(', ')}`);
  }

  private optionsOf(section: readonly Entry[]): RecoveryPluginOptions {
    const strategies = { ...APILINKER_STRATEGIES } as Record<ErrorCategory, readonly RecoveryStrategy[]>;
    const breakers: Record<string, BreakerSettings> = {};
    this.each(section, SECTION, {
      recovery_strategies: (node, path) => Object.assign(strategies, this.strategies(node, path)),
      circuit_breakers: (node, path) => Object.assign(breakers, this.breakers(node, path)),
      dlq: (node, path) => this.refuseDirectory(node, path),
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

  private strategies(node: Node | null, path: string) {
    const read: Partial<Record<ErrorCategory, readonly RecoveryStrategy[]>> = {};
    if (!isMap(node)) return this.problems.none(node, path, 'categories with lists of strategies') ?? read;
    for (const { name, key, value } of this.nodes.entries(node)) {
      const at = `${path}.${name}`;
      const category = categoryOf(name);
      if (category === undefined) {
        this.problems.add(key, at, `one of ${CATEGORY_NAMES.join(', ')}`, name);
        continue;
      }
      const items = isSeq(value) ? this.nodes.items(value) : [value];
      read[category] = items.flatMap((item, index) => {
        const given = isScalar(item) ? item.value : item;
        const strategy = strategyOf(given);
        if (strategy !== undefined) return [strategy];
        const where = isSeq(value) ? `${at}[${index}]` : at;
        this.problems.add(item, where, `one of ${STRATEGY_NAMES.join(', ')}`, given);
        return [];
      });
    }
    return read;
  }

  private breakers(node: Node | null, path: string): Record<string, BreakerSettings> {
    if (!isMap(node)) {
      return this.problems.none(node, path, 'settings by the name of a circuit breaker') ?? {};
    }
    return Object.fromEntries(
      this.nodes.entries(node).map(({ name, value }) => [name, this.breaker(value, `${path}.${name}`)]),
    );
  }

  private breaker(node: Node | null, path: string): BreakerSettings {
    const settings: Record<string, number> = {};
    const number =
      (of: string, isValid: (value: number) => boolean, expected: string) =>
      (item: Node | null, where: string) => {
        const given = isScalar(item) ? item.value : item;
        if (typeof given === 'number' && isValid(given)) settings[of] = given;
        else this.problems.add(item, where, expected, given);
      };
    const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
    if (!isMap(node)) this.problems.none(node, path, 'settings of a circuit breaker');
    else {
      this.each(this.nodes.entries(node), path, {
        failure_threshold: number('threshold', isCount, 'a whole number of failures from 1'),
        reset_timeout_seconds: number('seconds', (given) => given >= 0, 'a number of seconds, 0 or more'),
        half_open_max_calls: number('trials', isCount, 'a whole number of calls from 1'),
      });
    }
    const { threshold = 5, seconds = 60, trials = 1 } = settings;
    return {
      consecutiveFailures: threshold,
      openTime: seconds * 1000,
      halfOpen: { permittedTrials: trials },
    };
  }

  private refuseDirectory(node: Node | null, path: string): void {
    if (!isMap(node)) return void this.problems.none(node, path, 'a section');
    this.each(this.nodes.entries(node), path, {
      directory: (value, where) =>
        this.problems.say(
          value,
          where,
          'dead letters are workflows and need no directory; leave it out, give the queue a name with the option queue, and bring what is in the directory over with: temporal-recovery dlq import',
        ),
    });
  }

  /** Calls the reader of each key; a key without a reader is a problem. */
  private each(entries: readonly Entry[], path: string, readers: Readers): void {
    for (const { name, key, value } of entries) {
      const at = `${path}.${name}`;
      const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
      if (read === undefined) {
        this.problems.say(key, at, `unknown key; known here are ${Object.keys(readers).join(', ')}`);
      } else read(value, at);
    }
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
    if (!isNothing(node)) this.add(node as Node, path, expected, isScalar(node) ? node.value : 'a list');
    return undefined;
  }

  throwIfAny(): void {
    if (this.list.length > 0)
      throw new InvalidOptionsError(`fromApiLinkerConfig: ${this.list.join('; ')}`, this.list);
  }
}

function isNothing(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}
