import { cutBytes, oneLine, utf8Length } from './text.js';

/** Server limits in bytes. */
export const MAX_SUMMARY_BYTES = 400;
const MAX_DETAILS_BYTES = 20_000;
/** The UI gives a text a little less height than it needs: its last lines would not be seen. */
const FOOT = '\n\n\u00a0\n\n\u00a0';

/** Details of a workflow as the UI shows them; the end is cut where they are too long for the server. */
export function page(lines: readonly string[]): string {
  return cutBytes(lines.join('\n'), MAX_DETAILS_BYTES - utf8Length(FOOT)) + FOOT;
}

/** Text in a code span, safe whatever it holds: nothing inside is read as Markdown. */
export function code(text: string, limitBytes = 200): string {
  // A backtick would end the span early.
  const line = cutBytes(oneLine(text).replaceAll('`', "'"), limitBytes);
  return line === '' ? '(empty)' : `\`${line}\``;
}

/**
 * Text for a summary, which the UI shows as Markdown in some places and as it is in others: as it is where no
 * Markdown can be in it, in a code span otherwise.
 */
export function inline(text: string, limitBytes: number): string {
  const line = cutBytes(oneLine(text), limitBytes);
  const isHarmless =
    /^(?:[\p{L}\p{N} @.,:;/'"()=?%…-]|(?<=\w)_(?=\w))*$/u.test(line) && !/:\/\/|www\./i.test(line);
  return isHarmless ? line : code(line, limitBytes);
}

export function fence(text: string): string[] {
  return ['```json', text.replaceAll('```', "'''"), '```'];
}

/** A link to the page of a workflow in the Temporal UI. */
export function workflowLink(namespace: string, workflowId: string, runId?: string): string {
  const path = [namespace, 'workflows', workflowId, ...(runId === undefined ? [] : [runId, 'history'])];
  return `[${escapeText(oneLine(workflowId))}](/namespaces/${path.map(encodePath).join('/')})`;
}

// encodeURIComponent throws on lone surrogates, which a workflow id cannot hold but a test may.
function encodePath(part: string): string {
  try {
    return encodeURIComponent(part).replace(/[()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  } catch {
    return '';
  }
}

function escapeText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&]/g, '\\$&');
}
