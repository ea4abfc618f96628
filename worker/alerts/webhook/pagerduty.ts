import type { AlertEvent } from '../../../common/alerts/alert-event.js';
import { alertKey, describeAlert, isOver } from '../../../common/alerts/describe.js';
import { beginning, hash52 } from '../../../common/text/text.js';
import { linkOf, type UiAddress } from './alert-lines.js';

export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

/** Longer ones are refused. */
const MAX_SUMMARY = 1_024;
const MAX_DEDUP_KEY = 255;

/** Events of PagerDuty's Events API v2: one for each breaker, queue or group, the last of several. */
export function pagerDutyBodies(events: readonly AlertEvent[], ui: UiAddress, routingKey: string): unknown[] {
  const inOrder = [...events].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const latest = new Map(inOrder.map((event) => [alertKey(event), event]));
  return [...latest].map(([key, event]) => {
    const link = linkOf(event, ui);
    return {
      routing_key: routingKey,
      event_action: isOver(event) ? 'resolve' : 'trigger',
      // The same incident, however often it is sent.
      dedup_key: dedupKey(`temporal-recovery/${ui.namespace}/${key}`),
      payload: {
        summary: beginning(describeAlert(event), MAX_SUMMARY),
        source: `temporal-recovery ${ui.namespace}`,
        severity: event.change === 'forced' || event.change === 'throttled' ? 'warning' : 'error',
        timestamp: event.at,
        component: key,
        custom_details: event,
      },
      ...(link === undefined ? {} : { links: [{ href: link, text: 'Temporal UI' }] }),
    };
  });
}

function dedupKey(key: string): string {
  return key.length <= MAX_DEDUP_KEY ? key : `${beginning(key, MAX_DEDUP_KEY - 14)}-${hash52(key)}`;
}
