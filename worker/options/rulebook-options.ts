import { ErrorCategory } from '../../common/errors/index.js';
import {
  type OperationRules,
  PLUGIN_DEFAULTS,
  Problems,
  RECOVERY_OPTION_NAMES,
  type RecoveryRules,
  Rulebook,
  readRules,
  resolvePlan,
} from '../../common/strategies/index.js';

/** Reads what the options of the plugin say about errors. */
export function readRulebook(options: object): { rulebook: Rulebook; problems: readonly string[] } {
  const problems = new Problems('RecoveryPlugin');
  const given = options as Record<string, unknown>;
  const own = Object.fromEntries(
    RECOVERY_OPTION_NAMES.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  const rules = readRules(own, '', problems);
  const operations = new Map(
    Object.entries(isObject(given.operations) ? given.operations : {}).map(
      ([pattern, operation]) => [pattern, readOperation(pattern, operation, problems)] as const,
    ),
  );
  checkFallbacks('', [rules], problems);
  for (const [pattern, operation] of operations) {
    checkFallbacks(`operations.${pattern}`, [operation.rules, rules], problems);
  }
  return { rulebook: new Rulebook(rules, operations), problems: problems.all };
}

function readOperation(pattern: string, input: unknown, problems: Problems): OperationRules {
  const path = `operations.${pattern}`;
  const rules = readRules(input, path, problems, undefined, [
    'queue',
    'breaker',
    'quotaKey',
    'flood',
    'tags',
    'recordKey',
  ]);
  const queue = isObject(input) ? input.queue : undefined;
  if (queue === undefined) return { rules };
  if (typeof queue === 'string' && queue !== '' && queue.length <= 200) return { rules, queue };
  problems.add(`${path}.queue`, 'the name of a dead-letter queue (1 to 200 characters)', queue);
  return { rules };
}

/** FALLBACK without a fallback would be found out only when it is needed. */
function checkFallbacks(path: string, layers: readonly RecoveryRules[], problems: Problems): void {
  const missing = Object.values(ErrorCategory).filter((category) =>
    resolvePlan(layers, category, PLUGIN_DEFAULTS).ends.some(
      (end) => end.action === 'fallback' && end.answer === undefined,
    ),
  );
  if (missing.length === 0) return;
  problems.say(
    path === '' ? 'fallback' : `${path}.fallback`,
    `strategy FALLBACK or onExhausted "fallback" is set for ${missing.join(', ')}, which needs { value } or { activity: "name" } here`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
