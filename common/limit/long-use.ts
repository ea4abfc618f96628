import type { Share } from './limit.js';

/** A window is counted in this number of parts. */
const PARTS = 50;

/** Calls by the part of the window in which they were reported. */
export type LongUseState = readonly (readonly [
  perMs: number,
  parts: readonly (readonly [number, number])[],
])[];

/** Calls in the long windows of one key. A part counts until the whole of it has left the window. */
export class LongUse {
  private readonly windows = new Map<number, Map<number, number>>();

  constructor(state: LongUseState = []) {
    for (const [perMs, parts] of state) this.windows.set(perMs, new Map(parts));
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
    return [...this.windows].map(([perMs, parts]) => [perMs, [...parts]]);
  }

  private forget(perMs: number, now: number): void {
    const parts = this.windows.get(perMs);
    for (const part of [...(parts?.keys() ?? [])]) {
      if ((part + 1) * (perMs / PARTS) + perMs <= now) parts?.delete(part);
    }
  }
}
