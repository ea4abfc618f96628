import type { Session } from '../session.js';

/** The whole id of the letter that `text` begins. @throws where there is none, or more than one */
export function letterId({ recovery }: Session, text: string): Promise<string> {
  return recovery.deadLetters.find(text);
}

/** The same for several; the same letter twice is one. */
export async function letterIds(session: Session, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of texts) ids.push(await letterId(session, text));
  return [...new Set(ids)];
}
