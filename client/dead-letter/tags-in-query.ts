import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../../common/contract.js';
import { registeredSearchAttributes } from '../server/search-attributes.js';
import { type Condition, quote } from './filter.js';

/** A visibility query, and what it does not say. */
export interface Question {
  readonly query: string;
  readonly condition: Condition;
}

/** SQLite, the store of the development server, makes a full-text query of it: quotes end it, and a heart parts values. */
function isAskable(tag: string): boolean {
  return !/["\\\u2661]/.test(tag);
}

/**
 * The same question, with tags in the query where the namespace is known to have the search attribute. Elsewhere they are
 * looked at in each letter: its writer may have known more, or less.
 */
export async function tagsInQuery(client: Client, { query, condition }: Question): Promise<Question> {
  const { tags, ...others } = condition;
  if (tags === undefined) return { query, condition };
  const registered = await registeredSearchAttributes(client);
  if (!registered?.includes(SEARCH_ATTRIBUTES.tags)) return { query, condition };
  const more = tags.filter(isAskable).map((tag) => ` AND ${SEARCH_ATTRIBUTES.tags} = ${quote(tag)}`);
  const left = tags.filter((tag) => !isAskable(tag));
  return {
    query: query + more.join(''),
    condition: left.length === 0 ? others : { ...others, tags: left },
  };
}
