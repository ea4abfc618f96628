import type { TagsOf } from '../../activities/settings.js';
import { show } from '../../common/text/show.js';
import { type CallFunction, readCallFunctions } from './call-function.js';

/**
 * Marks to find the letters of a call by, such as `customer:42`. Called once for each letter, by the worker of the
 * workflow. The first 20 are kept, and 200 characters of each. In clear, also with a payload codec: no secrets, and no
 * personal data that must not be in a list.
 */
export type Tags = CallFunction<readonly string[]>;

/** Reads the options `tags` and `operations.*.tags`; what is wrong goes to `problems`. */
export function readTags(
  tags: unknown,
  operations: ReadonlyMap<string, unknown>,
  problems: string[],
): TagsOf {
  const allowed = {
    expected: 'a function (activityType, args) that gives an array of strings, or false',
    isValue: (value: unknown): value is false => value === false,
  };
  const find = readCallFunctions<Tags, false>('tags', tags, operations, allowed, problems);
  return (call, args) => {
    const choose = find(call);
    return choose && checkedTags(choose(call.activityType, args()));
  };
}

/** @throws TypeError for what a function of the user's must not give */
function checkedTags(tags: unknown): readonly string[] {
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags;
  throw new TypeError(`tags: expected an array of strings, got ${show(tags)}`);
}
