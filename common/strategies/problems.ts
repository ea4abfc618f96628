import { show } from '../text/show.js';
/** Recovery options that cannot be used. `message` lists every problem with path, value and fix. */
export class InvalidRecoveryError extends TypeError {
  /** `InvalidRecoveryError`, or the name of the subclass. */
  override readonly name: string = 'InvalidRecoveryError';
  constructor(
    message: string,
    /** One line each: `path: what is expected, got …`. */
    readonly problems: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Collects what is wrong with an input, so that all of it is reported at once. */
export class Problems {
  private readonly list: string[] = [];

  constructor(private readonly what: string) {}

  add(path: string, expected: string, value: unknown): void {
    this.list.push(`${path}: expected ${expected}, got ${show(value)}`);
  }

  unknownKey(path: string, key: string, known: readonly string[]): void {
    this.list.push(`${join(path, key)}: unknown option; known here are ${known.join(', ')}`);
  }

  say(path: string, message: string): void {
    this.list.push(`${path}: ${message}`);
  }

  get all(): readonly string[] {
    return this.list;
  }

  /** @throws InvalidRecoveryError */
  throwIfAny(): void {
    if (this.list.length > 0) {
      throw new InvalidRecoveryError(`${this.what}: ${this.list.join('; ')}`, this.list);
    }
  }
}

export function join(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
