import { beginning } from '../text/text.js';
import { get, isObject } from './safe.js';

const MAX_DEPTH = 12;
const MAX_KEYS = 1_000;

/** What `plainJson` may spend. One budget is used up by a whole value. */
interface Budget {
  nodes: number;
  characters: number;
}

/**
 * A copy that is plain JSON, of limited size: cycles, depth, long lists and strings are cut, what JSON has no
 * form for is left out. Never throws, and looks at no more than it keeps.
 */
export function plainJson(value: unknown, nodes = 10_000, characters = 1_000_000): unknown {
  return copy(value, 0, { nodes, characters });
}

function copy(value: unknown, depth: number, budget: Budget): unknown {
  if (--budget.nodes < 0 || budget.characters <= 0) return undefined;
  switch (typeof value) {
    case 'string':
      return cut(value, budget);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? null : copyObject(value, depth, budget);
    default:
      return undefined;
  }
}

function cut(text: string, budget: Budget): string {
  const kept = beginning(text, budget.characters);
  budget.characters -= kept.length;
  return kept;
}

function copyObject(value: object, depth: number, budget: Budget): unknown {
  if (depth >= MAX_DEPTH) return '…';
  try {
    const toJson = get(value, 'toJSON');
    const source: unknown = typeof toJson === 'function' ? toJson.call(value) : value;
    if (!isObject(source)) return copy(source, depth + 1, budget);
    return Array.isArray(source) ? copyArray(source, depth, budget) : copyRecord(source, depth, budget);
  } catch {
    return undefined;
  }
}

function copyArray(source: readonly unknown[], depth: number, budget: Budget): unknown[] {
  const result: unknown[] = [];
  for (let i = 0; i < source.length && budget.nodes > 0; i++) {
    result.push(copy(source[i], depth + 1, budget) ?? null);
  }
  return result;
}

function copyRecord(source: object, depth: number, budget: Budget): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(source).slice(0, MAX_KEYS)) {
    if (budget.nodes <= 0) break;
    const item = copy(get(source, key), depth + 1, budget);
    if (item !== undefined) entries.push([cut(key, budget), item]);
  }
  return Object.fromEntries(entries);
}
