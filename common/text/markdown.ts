import { VERSION } from '../version.js';
import { cutBytes, oneLine, utf8Length } from './text.js';

/** Server limits in bytes. */
export const MAX_SUMMARY_BYTES = 400;
const MAX_DETAILS_BYTES = 20_000;
/** The UI gives a text a little less height than it needs: its last lines would not be seen. */
const FOOT = '\n\n\u00a0\n\n\u00a0';
const FENCE_END = '\n```';

/**
 * Details of a workflow as the UI shows them; the end is cut where they are too long for the server. The last line names the
 * version that wrote the page: an older page means what the docs of that version say.
 * @param docs file of the documentation, in the package
 */
export function page(lines: readonly string[], docs: string): string {
  const foot = `\n\ntemporal-recovery ${VERSION} · what this page means: \`docs/${docs}\` of this version${FOOT}`;
  const room = MAX_DETAILS_BYTES - utf8Length(foot) - utf8Length(FENCE_END);
  const text = cutBytes(lines.join('\n').trimEnd(), room);
  // Else the last line would be part of a block that was cut.
  return text + ((text.match(/^```/gm)?.length ?? 0) % 2 === 0 ? '' : FENCE_END) + foot;
}

/** Signals that could not be understood, newest last. */
export function rejectedSection(notes: readonly string[]): string[] {
  if (notes.length === 0) return [];
  return ['', '### Rejected as invalid, nothing changed', '', ...notes.map((note) => `- ${code(note, 400)}`)];
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

/** A link to a list of workflows. Unlike a link to one workflow, it never leads to an error page: a list may be empty. */
export function listLink(namespace: string, text: string, query: string): string {
  return `[${escapeText(oneLine(text))}](/namespaces/${encodePath(namespace)}/workflows?query=${encodePath(query)})`;
}

/** A link to a workflow that may not exist: a list of one or none. */
export function searchLink(namespace: string, workflowId: string): string {
  return listLink(namespace, workflowId, `WorkflowId=${quoted(workflowId)}`);
}

/** An address that somebody has typed: a link where nothing in it has a meaning in Markdown, else text. */
export function externalLink(address: string): string {
  const isHarmless = /^https?:\/\/[\w.-]+(?::\d+)?(?:[/?#][\w.~:/?#@$,=%+-]*)?$/.test(address);
  return isHarmless ? `[${escapeText(address)}](${address})` : code(address, 500);
}

/** A text in a visibility query. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

// It leaves brackets, which end a link of Markdown, and quotes, at which the Temporal UI cuts the address. encodeURIComponent throws on lone surrogates, which a workflow id cannot hold but a test may.
function encodePath(part: string): string {
  try {
    return encodeURIComponent(part).replace(/[()']/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  } catch {
    return '';
  }
}

function escapeText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&]/g, '\\$&');
}
