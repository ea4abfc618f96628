import { show } from './text/show.js';
import { beginning } from './text/text.js';

/** Says what does not fit of a value; undefined where all does. */
export type Shape = (value: unknown) => Misfit | undefined;

interface Misfit {
  /** From the value that was checked to the one that does not fit: `.error.message`. */
  readonly path: string;
  readonly expected: string;
  readonly got: unknown;
}

export const is =
  (expected: string, fits: (value: unknown) => boolean): Shape =>
  (got) =>
    fits(got) ? undefined : { path: '', expected, got };

export const flag = is('true or false', (value) => typeof value === 'boolean');
export const count = is(
  'a whole number, 0 or more',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
);
export const integer = is('a whole number', (value) => Number.isSafeInteger(value));
/** Milliseconds since the epoch; what no date can be is refused. */
export const time = is(
  'milliseconds since 1970',
  (value) => typeof value === 'number' && Math.abs(value) <= 8_640_000_000_000_000,
);
export const iso = is(
  'a time such as "2026-01-31T12:00:00Z"',
  (value) => typeof value === 'string' && value.length <= 40 && !Number.isNaN(Date.parse(value)),
);

export const text = (longest = 1_000_000): Shape =>
  is(
    longest < 1_000_000 ? `a string of at most ${longest} characters` : 'a string',
    (value) => typeof value === 'string' && value.length <= longest,
  );
export const name = (longest: number): Shape =>
  is(
    `1 to ${longest} characters`,
    (value) => typeof value === 'string' && value !== '' && value.length <= longest,
  );
export const range = (least: number, most: number): Shape =>
  is(
    `a number from ${least} to ${most}`,
    (value) => typeof value === 'number' && value >= least && value <= most,
  );
export const whole = (least: number, most: number): Shape =>
  is(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  );
export const oneOf = (values: readonly unknown[]): Shape =>
  is(`one of ${values.join(', ')}`, (value) => values.includes(value));

export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || value === null ? undefined : shape(value);

export const listOf =
  (shape: Shape): Shape =>
  (value) => {
    if (!Array.isArray(value)) return { path: '', expected: 'a list', got: value };
    return firstMisfit(value.map((item, index) => [`[${index}]`, shape, item]));
  };

/** A list with one item for each shape. */
export const tuple =
  (...shapes: readonly Shape[]): Shape =>
  (value) => {
    if (!Array.isArray(value) || value.length !== shapes.length)
      return { path: '', expected: `a list of ${shapes.length}`, got: value };
    return firstMisfit(shapes.map((shape, index) => [`[${index}]`, shape, value[index]]));
  };

/** Every member has the same shape. */
export const mapOf =
  (shape: Shape): Shape =>
  (value) => {
    if (!isPlain(value)) return { path: '', expected: 'an object', got: value };
    return firstMisfit(Object.entries(value).map(([key, item]) => [`.${key}`, shape, item]));
  };

/** At least these members, each of its shape; others may be there. */
export const fields =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value) => {
    if (!isPlain(value)) return { path: '', expected: 'an object', got: value };
    return firstMisfit(Object.entries(shapes).map(([key, shape]) => [`.${key}`, shape, value[key]]));
  };

/** What does not fit, as a sentence; undefined where all does. */
export function problemOf(shape: Shape, value: unknown, called: string): string | undefined {
  const misfit = shape(value);
  if (misfit === undefined) return undefined;
  return `${called}${beginning(misfit.path, 200)} must be ${misfit.expected}; got ${show(misfit.got)}`;
}

export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstMisfit(parts: readonly (readonly [string, Shape, unknown])[]): Misfit | undefined {
  for (const [step, shape, value] of parts) {
    const misfit = shape(value);
    if (misfit !== undefined) return { ...misfit, path: step + misfit.path };
  }
  return undefined;
}
