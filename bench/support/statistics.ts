/** A sorted copy. */
function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** @param share from 0 to 1; nearest rank */
export function percentile(values: readonly number[], share: number): number {
  const ranked = sorted(values);
  return ranked[Math.max(0, Math.ceil(share * ranked.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** The median and, in brackets, the 10th and 90th percentile. */
export function withSpread(values: readonly number[], digits = 2): string {
  const text = (share: number) => percentile(values, share).toFixed(digits);
  return `${text(0.5)} (${text(0.1)} … ${text(0.9)})`;
}
