import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { show } from '../../common/text/show.js';
import { CHAOS_KINDS, type ParsedChaos } from './kinds.js';

const name = z.string().min(1).max(200);
const schema = z.strictObject({
  rate: z.number().gt(0).max(1),
  kinds: z
    .array(z.enum(CHAOS_KINDS))
    .min(1)
    .default([...CHAOS_KINDS]),
  operations: z.array(name).min(1).default(['*']),
  seed: name.optional(),
  allowInNamespaces: z.array(name).default([]),
});

/** Reads the option `chaos`; what is wrong goes to `problems`. */
export function readChaos(input: unknown, problems: string[]): ParsedChaos | undefined {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      problems.push(`${['chaos', ...path].join('.')}: ${message}; got ${show(at(input, path))}`);
    }
    return undefined;
  }
  const { rate, kinds, operations, seed, allowInNamespaces } = parsed.data;
  return {
    ...{ rate, allowInNamespaces },
    kinds: [...new Set(kinds)],
    operations: new Map(operations.map((each) => [each, true])),
    seed: seed ?? randomUUID().slice(0, 8),
  };
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
}

/** Why nothing may be injected in a namespace; undefined where it may. */
export function namespaceProblem({ allowInNamespaces }: ParsedChaos, namespace: string): string | undefined {
  if (!/prod|live/i.test(namespace) || allowInNamespaces.includes(namespace)) return undefined;
  return (
    `chaos: namespace ${JSON.stringify(namespace)} looks like production, and no failures are injected there. ` +
    `Remove the option, or name the namespace: allowInNamespaces: [${JSON.stringify(namespace)}]`
  );
}
