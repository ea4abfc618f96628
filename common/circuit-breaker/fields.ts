import { show } from '../text/show.js';
import { BreakerConfigError } from './config-error.js';

/** Reads one value; what is wrong with it goes to `problems`. */
export type Reader<T> = (value: unknown, path: string, problems: string[]) => T;

interface Range {
  readonly min: number;
  readonly max: number;
  /** Undefined: the field has to be given. */
  readonly fallback?: number;
  readonly whole?: boolean;
  /** Takes `false` for 0. */
  readonly falseIsZero?: boolean;
  /** `min` itself is too small. */
  readonly aboveMin?: boolean;
  readonly unit?: string;
}

export function number({ min, max, fallback, whole, falseIsZero, aboveMin, unit }: Range): Reader<number> {
  const kind = `${whole ? 'a whole number' : 'a number'}${unit === undefined ? '' : ` of ${unit}`}`;
  const bounds = aboveMin ? `above ${min} and at most ${max}` : `from ${min} to ${max}`;
  const allowed = `${kind} ${bounds}${falseIsZero ? ', or false' : ''}`;
  return (value, path, problems) => {
    if (value === undefined && fallback !== undefined) return fallback;
    if (value === false && falseIsZero) return 0;
    const fits =
      typeof value === 'number' &&
      (aboveMin ? value > min : value >= min) &&
      value <= max &&
      (!whole || Number.isInteger(value));
    if (fits) return value;
    problems.push(`${path}: expected ${allowed}, got ${show(value)}`);
    return fallback ?? min;
  };
}

export function oneOf<T extends string>(values: readonly T[], fallback: T): Reader<T> {
  return (value, path, problems) => {
    if (value === undefined) return fallback;
    if (values.includes(value as T)) return value as T;
    problems.push(`${path}: expected one of ${values.join(', ')}, got ${show(value)}`);
    return fallback;
  };
}

/** An object with exactly these fields; undefined is an empty one. */
export function object<T extends object>(fields: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (value, path, problems) => {
    const input = plainObject(value, path, names, problems);
    for (const key of Object.keys(input)) {
      if (!names.includes(key as keyof T & string)) {
        problems.push(
          `${path}.${key}: unknown option ${show(input[key])}; known here are ${names.join(', ')}`,
        );
      }
    }
    const read = names.map((name) => [name, fields[name](input[name], `${path}.${name}`, problems)]);
    return Object.fromEntries(read) as T;
  };
}

/** Switched off by `false` and when absent. */
export function optional<T>(reader: Reader<T>): Reader<T | false> {
  return (value, path, problems) =>
    value === undefined || value === false ? false : reader(value, path, problems);
}

/** @throws BreakerConfigError with every problem */
export function readOrThrow<T>(reader: Reader<T>, value: unknown, path: string): T {
  const problems: string[] = [];
  const read = reader(value, path, problems);
  if (problems.length > 0) throw new BreakerConfigError(problems);
  return read;
}

function plainObject(
  value: unknown,
  path: string,
  names: readonly string[],
  problems: string[],
): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  problems.push(`${path}: expected an object with any of ${names.join(', ')}, got ${show(value)}`);
  return {};
}
