import { breakerWorkflowId } from '../circuit-breaker/id.js';
import { code, page, rejectedSection, searchLink } from '../text/markdown.js';
import { describeLimit } from './limit.js';
import type { LimitSnapshot, ShownKey } from './messages.js';
import type { ShownStated } from './rules.js';

const SHOWN = 20;
/** Of a limit that people have set and no worker knows. */
const UNKNOWN =
  'no worker has asked for this limit yet. Nothing is limited until a worker has its name in the option `limits` and makes such a call';

/** What the page knows of the workflow itself. */
export interface LimitPageContext {
  readonly namespace: string;
  /** Rejected signals, newest last. */
  readonly notes: readonly string[];
}

/** The page of a limit: what holds, who has changed it, who uses it, what can be done. */
export function limitDetails(shown: LimitSnapshot, { namespace, notes }: LimitPageContext): string {
  const { limit, configured, changed, changedKeys, stated, conflictAt, workers, keys, changes } = shown;
  return page(
    [
      `### At most ${describeLimit(limit)}`,
      '',
      ...(shown.unknownToWorkers ? [`- **Not in use**: ${UNKNOWN}`] : []),
      ...(changed === undefined
        ? ['- **Set by**: the option `limits` of the workers']
        : [
            `- **Set by**: ${code([changed.by ?? 'a person', changed.why].filter(Boolean).join(': '), 700)}, since ${changed.since}`,
            `- **Ends**: ${changed.expiresAt ?? 'when the signal `clearLimit` comes'}${shown.unknownToWorkers ? '' : `; then ${describeLimit(configured)} again`}`,
          ]),
      ...changedKeys
        .slice(0, SHOWN)
        .map(
          (each) =>
            `- **Key ${code(each.key)}**: ${describeLimit(each.limit)}, set by ${code(each.by ?? 'a person')}${each.expiresAt === undefined ? '' : `, until ${each.expiresAt}`}`,
        ),
      ...stated.slice(-SHOWN).map(statedLine),
      ...(stated.length > SHOWN ? [`- and ${stated.length - SHOWN} more that the service states`] : []),
      `- **Workers that use it**: ${workers}`,
      ...(conflictAt === undefined
        ? []
        : [
            `- **Workers differ**: workers with another limit asked, last at ${conflictAt}; the limit of those configured last is used`,
          ]),
      '',
      ...(keys.length === 0
        ? ['All calls pass: no key is used for more than half of the limit.']
        : ['Keys used for more than half of the limit (calls beyond it wait; they are not failures):', '']),
      ...keys.slice(0, SHOWN).map(keyLine),
      ...(keys.length > SHOWN ? [`- and ${keys.length - SHOWN} more`] : []),
      '',
      'What you can do (button **More Actions → Send a Signal**, encoding `json/plain`):',
      '',
      '- Another limit for a time: signal `setLimit`, input `{"windows": [{"calls": 20, "per": "1 second"}], "by": "you", "reason": "why", "expiresIn": "2 hours"}`',
      '- For one key: the same with `"key": "tenant-7"`',
      '- Back to the configured limit: signal `clearLimit`, input `{"by": "you"}`, for one key with `"key"`',
      ...rejectedSection(notes),
      '',
      '### See also',
      '',
      `- Its circuit breaker, if calls have failed: ${searchLink(namespace, breakerWorkflowId(shown.name))}`,
      '',
      '### Changes',
      '',
      ...(changes.length === 0 ? ['- none yet'] : changes.map((line) => `- ${code(line, 700)}`).reverse()),
    ],
    'limits.md',
  );
}

function statedLine({ key, limit, expiresAt }: ShownStated): string {
  const whose = key === undefined ? '' : ` for key ${code(key)}`;
  return `- **The service states**${whose}: ${describeLimit(limit)}; counts until ${expiresAt}`;
}

function keyLine({ key, workers, wantedPerSecond, long }: ShownKey): string {
  const used = long.map(
    ({ calls, perMs, used }) => `${used} of ${describeLimit({ windows: [{ calls, perMs }] })} used`,
  );
  const parts = [
    `${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    `${wantedPerSecond} calls a second wanted`,
    ...used,
  ];
  return `- ${key === '' ? 'all calls' : code(key)}: ${parts.join(' · ')}`;
}
