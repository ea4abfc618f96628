import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { beginning } from '../../common/text/text.js';
import type { Headers } from './headers.js';

/** A body with more than was allowed. */
export class TooLarge extends Error {}

/** A body that is not encoded as its headers say. */
export class UnknownEncoding extends Error {}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
const MAX_ENCODINGS = 3;

/**
 * Reads a body, decompressed, up to a limit that counts decompressed bytes.
 * @throws TooLarge, UnknownEncoding, and what the connection or the decoder throws
 */
export async function readBody(body: Readable, headers: Headers, maxBytes: number): Promise<Buffer> {
  const announced = Number(headers['content-length']);
  if (announced > maxBytes) {
    body.destroy();
    throw new TooLarge(
      `The answer announces ${announced} bytes, more than maxResponseBytes allows (${maxBytes})`,
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decoded(body, headers)) {
    size += (chunk as Buffer).length;
    if (size > maxBytes)
      throw new TooLarge(`The answer has more bytes than maxResponseBytes allows (${maxBytes})`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Of an answer that is an error anyway: as much as comes and is needed to show it, whatever happens. */
export async function readStart(body: Readable, headers: Headers, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of decoded(body, headers)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size >= maxBytes) break;
    }
  } catch {
    // What has come is shown.
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function decoded(body: Readable, headers: Headers): Readable {
  const encodings = (headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  const decoders = encodings.reverse().map((name) => Object.hasOwn(DECODERS, name) && DECODERS[name]);
  if (encodings.length > MAX_ENCODINGS || decoders.includes(false)) {
    body.destroy();
    throw new UnknownEncoding(
      `The answer has an encoding that cannot be read: ${beginning(encodings.join(', '), 100)}`,
    );
  }
  let last = body;
  // Errors reach the reader through the last of the streams.
  for (const decoder of decoders) last = pipeline(last, (decoder as () => Transform)(), () => {});
  return last;
}

/** Text in the character set its type names; UTF-8 without one, or with an unknown one. */
export function decodeText(bytes: Buffer, contentType: string): string {
  const charset = /;\s*charset="?([\w-]{1,40})/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

export function isJson(contentType: string): boolean {
  return /^\s*(?:application|text)\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(contentType);
}
