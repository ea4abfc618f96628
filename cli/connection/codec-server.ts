import type { Payload, PayloadCodec } from '@temporalio/common';
import { request } from 'undici';
import { defaultRedactor } from '../../common/errors/index.js';
import { payloadFromJson, payloadToJson } from '../../common/payload/json-payload.js';
import { beginning, oneLine } from '../../common/text/text.js';
import { CliError, ExitCode, UsageError } from '../exit-codes.js';
import type { Sourced } from './sourced.js';

/** A codec server, as the Temporal CLI and UI use them. Source: https://docs.temporal.io/codec-server */
export interface CodecSettings {
  /** Of the server; `{namespace}` in it stands for the namespace. */
  readonly endpoint: Sourced;
  /** Value of the header `Authorization`. */
  readonly auth?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The codec server could not be reached, or does not let us in. Says what was tried. */
class CodecServerError extends CliError {
  override readonly name = 'CodecServerError';
  constructor({ value, source }: Sourced, why: string, options?: ErrorOptions) {
    super(`The codec server ${shown(value)} (${source}) ${oneLine(why)}`, ExitCode.UNREACHABLE, options);
  }
}

/** An address may have a password or a token in it. */
function shown(endpoint: string): string {
  return oneLine(defaultRedactor.text(endpoint));
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_IN_ERROR = 200;

/** Has payloads encoded and decoded by a codec server. */
export class CodecServer implements PayloadCodec {
  private readonly base: string;

  /** @throws UsageError */
  constructor(
    private readonly settings: CodecSettings,
    private readonly namespace: string,
  ) {
    const { value, source } = settings.endpoint;
    this.base = value.replaceAll('{namespace}', encodeURIComponent(namespace)).replace(/\/+$/, '');
    if (!/^https?:\/\//.test(this.base)) {
      throw new UsageError(
        `The codec endpoint must begin with http:// or https://; got ${shown(value)} (${source})`,
      );
    }
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return this.post('encode', payloads);
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return this.post('decode', payloads);
  }

  private async post(what: 'encode' | 'decode', payloads: Payload[]): Promise<Payload[]> {
    if (payloads.length === 0) return [];
    const { endpoint, auth, headers } = this.settings;
    const failed = (why: string, cause?: unknown) => new CodecServerError(endpoint, why, { cause });
    let status: number;
    let text: string;
    try {
      const answer = await request(`${this.base}/${what}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-namespace': this.namespace,
          ...(auth === undefined ? {} : { authorization: auth }),
          ...headers,
        },
        body: JSON.stringify({ payloads: payloads.map(payloadToJson) }),
        ...{ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS },
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw failed(`could not be reached: ${message || code}`, error);
    }
    if (status < 200 || status > 299) {
      throw failed(`answered ${status} to ${what}: ${beginning(text, MAX_ANSWER_IN_ERROR)}`);
    }
    const found = parse(text);
    if (found?.length !== payloads.length) throw failed(`gave no ${payloads.length} payloads for ${what}`);
    return found;
  }
}

function parse(text: string): Payload[] | undefined {
  try {
    const { payloads } = JSON.parse(text) as { payloads: Parameters<typeof payloadFromJson>[0][] };
    return payloads.map((payload) => payloadFromJson({ ...payload, metadata: payload.metadata ?? {} }));
  } catch {
    return undefined;
  }
}
