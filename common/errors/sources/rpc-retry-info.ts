import { get, getString, isObject } from '../safe.js';
import { sensibleMs, waitMs } from '../waits.js';
import { nodesOf } from '../walk.js';

const RETRY_INFO = 'google.rpc.RetryInfo';
const MAX_BYTES = 16_384;

/**
 * The wait in milliseconds that a service asks for by `google.rpc.RetryInfo`: in gRPC's trailer
 * `grpc-status-details-bin`, among Connect's `details`, nice-grpc's `extra` and gax's `statusDetails`, and in the JSON of
 * Google's REST interfaces. Never throws.
 * @see https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 */
export function rpcRetryDelayMs(link: unknown): number | undefined {
  return inTrailer(link) ?? inDetails(link);
}

function inTrailer(link: unknown): number | undefined {
  for (const key of ['metadata', 'trailers', 'trailer']) {
    const holder = get(link, key);
    const getter = get(holder, 'get');
    if (typeof getter !== 'function') continue;
    try {
      const value: unknown = getter.call(holder, 'grpc-status-details-bin');
      const bytes = value instanceof Uint8Array ? value : get(value, '0');
      const found = bytes instanceof Uint8Array && bytes.length <= MAX_BYTES ? delayIn(bytes) : undefined;
      if (found !== undefined) return found;
    } catch {
      // no protobuf, or no metadata after all
    }
  }
  return undefined;
}

function inDetails(link: unknown): number | undefined {
  for (const { value } of nodesOf(link)) {
    const type = getString(value, '@type', 'type', 'type_url', '$type', 'typeUrl') ?? '';
    const bytes = get(value, 'value');
    const found = type.endsWith(RETRY_INFO) && bytes instanceof Uint8Array ? delayOfBytes(bytes) : undefined;
    const delay = found ?? delayOfJson(get(value, 'retryDelay') ?? get(value, 'retry_delay'));
    if (delay !== undefined) return delay;
  }
  return undefined;
}

function delayOfBytes(bytes: Uint8Array): number | undefined {
  try {
    return bytes.length <= MAX_BYTES ? delayOf(bytes) : undefined;
  } catch {
    return undefined;
  }
}

/** `"30s"` in JSON, `{ seconds, nanos }` in objects of libraries; a number is something else. */
function delayOfJson(delay: unknown): number | undefined {
  if (typeof delay === 'string') return /^\d+(?:\.\d+)?s$/.test(delay) ? waitMs(delay, 0) : undefined;
  const [seconds, nanos] = [Number(get(delay, 'seconds')), Number(get(delay, 'nanos') ?? 0)];
  return Number.isFinite(seconds) ? sensibleMs(seconds * 1000 + Math.round(nanos / 1e6)) : undefined;
}

/** `Status { details = 3: Any { type_url = 1, value = 2: RetryInfo { retry_delay = 1: Duration } } }` */
function delayIn(status: Uint8Array): number | undefined {
  for (const detail of fields(status)) {
    if (detail.number !== 3 || !isObject(detail.value)) continue;
    const any = fields(detail.value as Uint8Array);
    const url = any.find(({ number }) => number === 1)?.value;
    const value = any.find(({ number }) => number === 2)?.value;
    if (!(url instanceof Uint8Array && value instanceof Uint8Array)) continue;
    if (String.fromCharCode(...url.slice(-100)).endsWith(RETRY_INFO)) return delayOf(value);
  }
  return undefined;
}

function delayOf(retryInfo: Uint8Array): number | undefined {
  const duration = fields(retryInfo).find(({ number }) => number === 1)?.value;
  if (!(duration instanceof Uint8Array)) return undefined;
  const part = (number: number) => {
    const value = fields(duration).find((field) => field.number === number)?.value;
    return typeof value === 'number' ? value : 0;
  };
  return part(1) * 1000 + Math.round(part(2) / 1e6);
}

interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** The fields of a protobuf message. @throws RangeError where it ends too soon */
function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || factor > 2 ** 63) throw new RangeError('not protobuf');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    at += length;
    if (at > bytes.length) throw new RangeError('not protobuf');
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key & 7) {
      case 0:
        found.push({ number, value: varint() });
        break;
      case 1:
        take(8);
        break;
      case 2:
        found.push({ number, value: take(varint()) });
        break;
      case 5:
        take(4);
        break;
      default:
        throw new RangeError('not protobuf');
    }
  }
  return found;
}
