import type { HooksHere, NamedHook } from '../../activities/alerts/hooks.js';
import type { AnnouncedHooks } from '../../common/alerts/messages.js';
import type { ParsedAlerts } from './read-options.js';

/** The hooks of a recovery worker: those of all plugins that use it. */
export class AlertsHere {
  private readonly used = new Set<ParsedAlerts>();
  /** Called when hooks were added. */
  onAdded: () => void = () => undefined;

  /** @returns takes them out again */
  add(alerts: ParsedAlerts | undefined): () => void {
    if (alerts === undefined) return () => undefined;
    // Two workers of one plugin have the same.
    const own = { ...alerts };
    this.used.add(own);
    this.onAdded();
    return () => {
      this.used.delete(own);
    };
  }

  /** Undefined without any. */
  get hooks(): HooksHere | undefined {
    const [first, ...others] = this.used;
    if (first === undefined) return undefined;
    const hooks: NamedHook[] = [];
    for (const each of [first, ...others].flatMap(({ hooks }) => hooks)) {
      const at = hooks.findIndex(({ hook }) => hook === each.hook);
      const known = hooks[at];
      if (known === undefined) hooks.push({ ...each, name: freeName(each.name, hooks) });
      else hooks[at] = { ...known, kinds: [...new Set([...known.kinds, ...each.kinds])] };
    }
    return { hooks, limitsOf: first.limitsOf };
  }

  /** What the fleet knows of them; undefined without any. */
  get announced(): AnnouncedHooks | undefined {
    const all = [...this.used].map(({ announced }) => announced);
    if (all.length === 0) return undefined;
    return {
      v: 1,
      hooks: (this.hooks?.hooks ?? []).map(({ name, kinds }) => ({ name, kinds })),
      everyMs: Math.min(...all.map(({ everyMs }) => everyMs)),
      configuredAt:
        all
          .map(({ configuredAt }) => configuredAt)
          .sort()
          .at(-1) ?? '',
    };
  }
}

/** Hooks of two plugins may stand at the same option. */
function freeName(name: string, hooks: readonly NamedHook[]): string {
  const isFree = (free: string) => hooks.every((hook) => hook.name !== free);
  let free = name;
  for (let n = 2; !isFree(free); n++) free = `${name} #${n}`;
  return free;
}
