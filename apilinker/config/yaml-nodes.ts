import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';

/** An entry of a map: the key's name, the node it stands at (for its line), and the value, no alias any more. */
export interface Entry {
  readonly name: string;
  readonly key: Node;
  readonly value: Node | null;
}

/** Reads nodes as PyYAML's `safe_load`, which APILinker uses: aliases are what they stand for, `<<` merges maps. */
export class YamlNodes {
  constructor(private readonly document: Document) {}

  /** What an alias stands for; any other node is itself. */
  resolve(node: unknown): Node | null {
    return (isAlias(node) ? (node.resolve(this.document) ?? null) : (node ?? null)) as Node | null;
  }

  /** Items of a list; nothing else has any. */
  items(node: unknown): (Node | null)[] {
    const list = this.resolve(node);
    return isSeq(list) ? list.items.map((item) => this.resolve(item)) : [];
  }

  /** Entries of a map, in their order, its own before those it merges; of two with one name the first counts. */
  entries(node: unknown): Entry[] {
    const found = new Map<string, Entry>();
    this.collect(node, found, new Set());
    return [...found.values()];
  }

  private collect(node: unknown, found: Map<string, Entry>, seen: Set<unknown>): void {
    const map = this.resolve(node);
    // An anchor may stand within itself, and one that is merged again adds nothing.
    if (!isMap(map) || seen.has(map)) return;
    seen.add(map);
    const merged: unknown[] = [];
    for (const pair of map.items) {
      const key = this.resolve(pair.key);
      if (isMergeKey(pair.key)) {
        const value = this.resolve(pair.value);
        merged.push(...(isSeq(value) ? value.items : [value]));
        continue;
      }
      const name = String(isScalar(key) ? key.value : key);
      if (!found.has(name)) found.set(name, { name, key: pair.key as Node, value: this.resolve(pair.value) });
    }
    for (const other of merged) this.collect(other, found, seen);
  }
}

/** A quoted one is a key like any other. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}
