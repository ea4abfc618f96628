import { findDeadLetters } from '../../client/dead-letter/find.js';
import type { Session } from '../session.js';

/** What every command takes as the name of a letter. */
export const LETTER_NAME = 'short id, id, or how the id begins';

/** The whole id of the letter. @throws where there is none, or more than one */
export async function letterId(session: Session, name: string): Promise<string> {
  const [id = ''] = await letterIds(session, [name]);
  return id;
}

/** The same for several; the same letter twice is one. */
export async function letterIds({ client }: Session, names: readonly string[]): Promise<string[]> {
  return [...new Set(await findDeadLetters(client, names))];
}
