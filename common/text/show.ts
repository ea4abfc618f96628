import { beginning } from './text.js';

const MAX_LENGTH = 80;

/** A value as it is shown in an error: short, and never a function's code. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  // As JSON some numbers would be null.
  if (typeof value === 'number') return String(value);
  let shown: string | undefined;
  try {
    shown = JSON.stringify(value);
  } catch {
    // Cycles and the like: its type says enough.
  }
  shown ??= typeof value === 'object' ? 'an object' : String(value);
  return shown.length > MAX_LENGTH ? `${beginning(shown, MAX_LENGTH)}…` : shown;
}
