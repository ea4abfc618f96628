import type { ErrorCategory } from '../category.js';
import { get, getString } from '../safe.js';
import { tableOf } from '../table.js';

/** librdkafka by number: its own below 0, the protocol's above. https://kafka.apache.org/protocol#protocol_error_codes */
const KAFKA = tableOf({
  NETWORK: '-195 -193 -187 -181 13',
  TIMEOUT: '-192 -185 7',
  RATE_LIMIT: '-184 89',
  SERVER: '-180 -172 2 5 6 8 9 14 15 16 19 20 27 56 74 75',
  AUTHENTICATION: '-169 29 30 31 33 34 53 58 65',
  VALIDATION: '10 18 42 87',
  CLIENT: '-191 -190 -188 -186 1 3 17 35 36 37 38 39 40 44',
});

/** node-rdkafka and Confluent's client, whose messages say who speaks: `Local: Timed out`, `Broker: Not leader …`. */
export function categoryOfKafka(link: unknown): ErrorCategory | undefined {
  const code = get(link, 'code');
  const speaker = Number(code) < 0 ? 'Local: ' : 'Broker: ';
  const isSigned = getString(link, 'message')?.startsWith(speaker) === true;
  return typeof code === 'number' && isSigned ? KAFKA.get(String(code)) : undefined;
}
