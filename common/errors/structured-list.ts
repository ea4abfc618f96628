/** A member of a list of structured fields (RFC 9651): `"burst";q=100;w=60`. */
export interface ListItem {
  /** As it stands in the header; absent in a list of `name=value`. */
  readonly value?: string;
  /** Texts are without their quotes. */
  readonly parameters: ReadonlyMap<string, string | Quoted>;
}

/** A text, which is no number whatever is in it. */
export interface Quoted {
  readonly text: string;
}

/** Longer headers are cut: they are not ours. */
const MAX_LENGTH = 2_000;
const MEMBERS = /(?:"(?:\\.|[^"\\])*"?|[^",])+/g;
const PARTS = /(?:"(?:\\.|[^"\\])*"?|[^";])+/g;

/** Reads what a service sends, also in drafts before structured fields: `limit=10, remaining=0` is one item. Never throws. */
export function readList(text: string | undefined): ListItem[] {
  const items: ListItem[] = [];
  const named = new Map<string, string | Quoted>();
  for (const member of text?.slice(0, MAX_LENGTH).match(MEMBERS) ?? []) {
    const [value = '', ...parameters] = (member.match(PARTS) ?? []).map((part) => part.trim());
    const isNamed = /^[\w*][\w.*-]*=/.test(value);
    const into = isNamed ? named : new Map<string, string | Quoted>();
    for (const each of isNamed ? [value, ...parameters] : parameters) into.set(...parameterOf(each));
    if (!isNamed) items.push({ value, parameters: into });
  }
  return named.size === 0 ? items : [...items, { parameters: named }];
}

/** A count, in a value or a parameter; undefined for everything else, such as a fraction or a text. */
export function countOf(value: string | Quoted | undefined): number | undefined {
  return typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : undefined;
}

function parameterOf(part: string): [string, string | Quoted] {
  const [, name = part, value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
  const text = /^"((?:\\.|[^"\\])*)"?$/s.exec(value)?.[1];
  return [name, text === undefined ? value : { text: text.replaceAll(/\\(.)/gs, '$1') }];
}
