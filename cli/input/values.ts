import { readFileSync } from 'node:fs';
import { readDuration } from '../../common/text/duration.js';
import { show } from '../../common/text/show.js';
import { UsageError } from '../exit-codes.js';

/** Parsers of flag values. Each throws a `UsageError` that names flag, value and fix. */

export const wholeNumber =
  (flag: string, from: number) =>
  (value: string): number => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= from && Number.isSafeInteger(number)) return number;
    throw new UsageError(`${flag} must be a whole number from ${from}; got ${show(value)}`);
  };

export const numberAbove =
  (flag: string, least: number) =>
  (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isFinite(number) && number > least) return number;
    throw new UsageError(`${flag} must be a number above ${least}; got ${show(value)}`);
  };

export const share =
  (flag: string) =>
  (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && number >= 0 && number <= 1) return number;
    throw new UsageError(`${flag} must be a number from 0 to 1, such as 0.5 for half; got ${show(value)}`);
  };

/** A flag that may be given several times. */
export const repeatable = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  value,
];

/** One of some words, in whatever case. */
export const oneOf =
  <T extends string>(flag: string, allowed: readonly T[]) =>
  (value: string): T => {
    const found = allowed.find((each) => each.toLowerCase() === value.toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(`${flag} must be one of ${allowed.join(', ')}; got ${show(value)}`);
  };

/** Some of these words, with commas between them. */
export const severalOf =
  <T extends string>(flag: string, allowed: readonly T[]) =>
  (value: string): T[] =>
    value.split(',').map((each) => oneOf(flag, allowed)(each.trim()));

/** Milliseconds. */
export const duration =
  (flag: string) =>
  (value: string): number => {
    const milliseconds = /^\d+(\.\d+)?$/.test(value) ? undefined : readDuration(value);
    if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
    throw new UsageError(
      `${flag} must be a duration with its unit, such as 30s, 15m or 2h; got ${show(value)}`,
    );
  };

const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/;

/** A time, or how long ago. */
export const time =
  (flag: string, now = Date.now()) =>
  (value: string): Date => {
    const ago = /^\d+(\.\d+)?$/.test(value) ? undefined : readDuration(value);
    const at = ago !== undefined ? now - ago : ISO_TIME.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(at)) return new Date(at);
    throw new UsageError(
      `${flag} must be a time with its zone, such as 2026-01-31T08:00:00Z, or how long ago, such as 2h; got ${show(value)}`,
    );
  };

/** JSON, or `@file` with the JSON in it; `@-` reads stdin. */
export const json =
  (flag: string) =>
  (value: string): unknown => {
    const text = value.startsWith('@') ? readText(flag, value.slice(1)) : value;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new UsageError(
        `${flag} must be JSON, or @file with JSON in it (a text needs its quotes: '"text"'); got ${show(value)}: ${(error as Error).message}`,
      );
    }
  };

/** All arguments of an activity. */
export const argumentList =
  (flag: string) =>
  (value: string): unknown[] => {
    const read = json(flag)(value);
    if (Array.isArray(read)) return read;
    throw new UsageError(
      `${flag} must be a JSON array with all arguments of the activity, such as '["first", 2]'; got ${show(value)}`,
    );
  };

/** The text of a file; `-` is stdin. */
export function readText(flag: string, path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${flag}: ${path === '-' ? 'stdin' : path} could not be read: ${(error as Error).message}`,
    );
  }
}
