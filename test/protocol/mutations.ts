/** One change of a message, and where it was made. */
export interface Mutation {
  readonly at: string;
  readonly value: unknown;
}

const STRANGERS: readonly unknown[] = ['wrong', '', -1.5, 1e300, true, [], [-1.5], {}, { wrong: 1 }];

/** Copies of a JSON value, each with one part removed, or replaced by a value of another type or size. */
export function mutationsOf(value: unknown, at = ''): Mutation[] {
  const replaced = STRANGERS.map((stranger) => ({
    at: `${at} = ${JSON.stringify(stranger)}`,
    value: stranger,
  }));
  if (Array.isArray(value)) {
    const inner = value.flatMap((item, index) =>
      mutationsOf(item, `${at}[${index}]`).map((each) => ({ ...each, value: value.with(index, each.value) })),
    );
    return [...replaced, ...inner];
  }
  if (typeof value !== 'object' || value === null) return replaced;
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    const changed = mutationsOf(item, `${at}.${key}`).map((each) => ({
      ...each,
      value: { ...value, [key]: each.value },
    }));
    return [{ at: `${at}.${key} removed`, value: rest }, ...changed];
  });
  return [...replaced, { at: `${at}.stranger`, value: { ...value, stranger: 1 } }, ...inner];
}
