import type { AlertEvent } from '../../../common/alerts/alert-event.js';
import { headline, linesOf, type UiAddress } from './alert-lines.js';

/** A message for an incoming webhook of Slack. */
export function slackBody(events: readonly AlertEvent[], ui: UiAddress): unknown {
  const { lines, more } = linesOf(events, ui);
  const blocks = [
    ...lines.map(({ text, link }) =>
      section(link === undefined ? escaped(text) : `<${link}|Open> ${escaped(text)}`),
    ),
    ...(more > 0 ? [section(`and ${more} more`)] : []),
  ];
  // The text is what notifications show.
  return { text: escaped(headline(events, ui)), blocks };
}

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
