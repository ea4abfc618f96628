import { withSpread } from './statistics.js';

/** Does its work once, and says how long that took; milliseconds or any other unit of cost. */
export type Variant = () => number | Promise<number>;

/**
 * Measures variants in turn, round by round, in an order that rotates: what the machine does meanwhile hits them
 * alike. A variant is compared with the first one *of its own round*.
 * @returns costs by variant, in the order of the rounds
 */
export async function alternate(
  rounds: number,
  variants: Readonly<Record<string, Variant>>,
): Promise<Record<string, number[]>> {
  const names = Object.keys(variants);
  const costs: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] as string;
      costs[name]?.push(await (variants[name] as Variant)());
    }
  }
  return costs;
}

/** Each variant's cost as a multiple of the first one's, with its spread over the rounds. */
export function ratios(costs: Readonly<Record<string, readonly number[]>>): Record<string, string> {
  const [base = []] = Object.values(costs);
  return Object.fromEntries(
    Object.entries(costs).map(([name, values]) => [
      name,
      withSpread(values.map((value, round) => value / (base[round] ?? Number.NaN))),
    ]),
  );
}
