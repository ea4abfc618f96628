import type { AlertEvent } from '../../../common/alerts/alert-event.js';
import { describeAlert } from '../../../common/alerts/describe.js';
import { beginning } from '../../../common/text/text.js';

/** Where a link to the Temporal UI leads. */
export interface UiAddress {
  /** Without a slash at the end; undefined for no links. */
  readonly url: string | undefined;
  readonly namespace: string;
}

/** An event as messages show it. */
export interface AlertLine {
  readonly text: string;
  /** Page in the Temporal UI; undefined without one. */
  readonly link: string | undefined;
}

/** Of a minute with many events a message has the first ones. */
const MAX_LINES = 20;
const MAX_TEXT = 400;

function lineOf(event: AlertEvent, ui: UiAddress): AlertLine {
  return { text: beginning(describeAlert(event), MAX_TEXT), link: linkOf(event, ui) };
}

export function linkOf({ workflowId }: AlertEvent, { url, namespace }: UiAddress): string | undefined {
  if (url === undefined || workflowId === undefined) return undefined;
  return `${url}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

export function linesOf(events: readonly AlertEvent[], ui: UiAddress): { lines: AlertLine[]; more: number } {
  const lines = events.slice(0, MAX_LINES).map((event) => lineOf(event, ui));
  return { lines, more: events.length - lines.length };
}

/** The first line of a message. */
export function headline(events: readonly AlertEvent[], { namespace }: UiAddress): string {
  const [first] = events;
  const what =
    events.length === 1 && first !== undefined
      ? beginning(describeAlert(first), MAX_TEXT)
      : `${events.length} alerts`;
  return `${what} (namespace ${namespace})`;
}
