import type { HooksHere } from '../../activities/alerts/hooks.js';
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
    const hooks = new Map([first, ...others].flatMap(({ hooks }) => hooks).map((each) => [each.hook, each]));
    return { hooks: [...hooks.values()], limitsOf: first.limitsOf };
  }

  /** What the fleet knows of them; undefined without any. */
  get announced(): AnnouncedHooks | undefined {
    const all = [...this.used].map(({ announced }) => announced);
    if (all.length === 0) return undefined;
    return {
      v: 1,
      kinds: [...new Set(all.flatMap(({ kinds }) => kinds))],
      everyMs: Math.min(...all.map(({ everyMs }) => everyMs)),
      configuredAt:
        all
          .map(({ configuredAt }) => configuredAt)
          .sort()
          .at(-1) ?? '',
    };
  }
}
