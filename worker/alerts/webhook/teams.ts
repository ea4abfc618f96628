import type { AlertEvent } from '../../../common/alerts/alert-event.js';
import { headline, linesOf, type UiAddress } from './alert-lines.js';

/** An adaptive card, as workflows of Microsoft Teams take it ("Post to a channel when a webhook request is received"). */
export function teamsBody(events: readonly AlertEvent[], ui: UiAddress): unknown {
  const { lines, more } = linesOf(events, ui);
  const body = [
    { type: 'TextBlock', text: escaped(headline(events, ui)), weight: 'Bolder', wrap: true },
    ...lines.map(({ text, link }) => ({
      type: 'TextBlock',
      text: link === undefined ? escaped(text) : `${escaped(text)} [Open](${link})`,
      wrap: true,
    })),
    ...(more > 0 ? [{ type: 'TextBlock', text: `and ${more} more`, wrap: true }] : []),
  ];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body,
        },
      },
    ],
  };
}

/** Cards read Markdown. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]]/g, '\\$&');
}
