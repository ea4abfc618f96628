import { code, workflowLink } from '../text/markdown.js';
import type { AlertQueue, ShownAlert } from './alert-queue.js';
import { kindsOf } from './messages.js';

/** What the page of the errors of a fleet says of alerts. */
export function alertLines(queue: AlertQueue, namespace: string): string[] {
  const { hooks, pending, dropped, shown } = queue;
  if (hooks === undefined && shown.length === 0) return [];
  return [
    '',
    '### Alerts',
    '',
    hooks === undefined
      ? '- **Hooks**: none is configured'
      : `- **Hooks**: for ${kindsOf(hooks).join(', ')}, at most every ${hooks.everyMs / 1_000} seconds`,
    ...(pending > 0 ? [`- **Not delivered yet**: ${pending}`] : []),
    ...(dropped > 0
      ? [
          `- **Never delivered**: ${dropped}. A hook failed for a day, too many events waited for it, or it was gone for an hour`,
        ]
      : []),
    ...(shown.length === 0 ? [] : ['', ...shown.map((each) => alertLine(each, namespace)).reverse()]),
  ];
}

function alertLine({ at, line, workflowId }: ShownAlert, namespace: string): string {
  const page = workflowId === undefined ? '' : ` · ${workflowLink(namespace, workflowId)}`;
  return `- ${at} — ${code(line, 300)}${page}`;
}
