import type { Share } from './limit.js';

/** A window is counted in this number of parts. */
const PARTS = 50;

/** Of each window its length, the first part with calls, and then pairs: parts after the first, and calls. */
export type LongUseState = readonly (readonly number[])[];

/** Calls in the long windows of one key. A part counts until the whole of it has left the window. */
export class LongUse {
  private readonly windows = new Map<number, Map<number, number>>();

  constructor(state: LongUseState = []) {
    for (const [perMs, first, ...pairs] of state) {
      if (perMs === undefined || first === undefined) continue;
      const parts = new Map<number, number>();
      for (let at = 0; at + 1 < pairs.length; at += 2)
        parts.set(first + (pairs[at] as number), pairs[at + 1] as number);
      this.windows.set(perMs, parts);
    }
  }

  add(calls: number, windows: readonly Share[], now: number): void {
    if (calls <= 0) return;
    for (const { perMs } of windows) {
      const parts = this.windows.get(perMs) ?? new Map<number, number>();
      this.windows.set(perMs, parts);
      const part = Math.floor(now / (perMs / PARTS));
      parts.set(part, (parts.get(part) ?? 0) + calls);
    }
  }

  used(perMs: number, now: number): number {
    this.forget(perMs, now);
    let used = 0;
    for (const calls of this.windows.get(perMs)?.values() ?? []) used += calls;
    return used;
  }

  /** Milliseconds until some calls have left the window; undefined where none are in it. */
  freesInMs(perMs: number, now: number): number | undefined {
    this.forget(perMs, now);
    const parts = [...(this.windows.get(perMs)?.keys() ?? [])];
    if (parts.length === 0) return undefined;
    return Math.max(1, (Math.min(...parts) + 1) * (perMs / PARTS) + perMs - now);
  }

  isEmpty(now: number): boolean {
    for (const perMs of [...this.windows.keys()]) {
      this.forget(perMs, now);
      if (this.windows.get(perMs)?.size === 0) this.windows.delete(perMs);
    }
    return this.windows.size === 0;
  }

  get state(): LongUseState {
    return this.inFewerParts(PARTS);
  }

  /** The same use with fewer parts: each counts as long as the last that is in it. */
  inFewerParts(most: number): LongUseState {
    const length = Math.ceil(PARTS / most);
    return [...this.windows].flatMap(([perMs, parts]) => {
      const merged = new Map<number, number>();
      for (const [part, calls] of parts) {
        const last = Math.floor(part / length) * length + length - 1;
        merged.set(last, (merged.get(last) ?? 0) + calls);
      }
      if (merged.size === 0) return [];
      const first = Math.min(...merged.keys());
      return [[perMs, first, ...[...merged].flatMap(([part, calls]) => [part - first, calls])]];
    });
  }

  private forget(perMs: number, now: number): void {
    const parts = this.windows.get(perMs);
    for (const part of [...(parts?.keys() ?? [])]) {
      if ((part + 1) * (perMs / PARTS) + perMs <= now) parts?.delete(part);
    }
  }
}
