import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const ENCODING = 'binary/encrypted';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM over whole payloads, as in Temporal's own encryption sample. */
export class EncryptionCodec implements PayloadCodec {
  private readonly key: Buffer;

  /** `canRead` says of a decrypted payload's text whether this codec may hand it out. */
  constructor(
    secret: string,
    private readonly canRead: (text: string) => boolean = () => true,
  ) {
    this.key = createHash('sha256').update(secret).digest();
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const plain = temporal.api.common.v1.Payload.encode(payload).finish();
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', this.key, iv);
      const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return { metadata: { encoding: Buffer.from(ENCODING) }, data };
    });
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const { metadata, data } = payload;
      if (!metadata?.encoding || Buffer.from(metadata.encoding).toString() !== ENCODING) return payload;
      const sealed = Buffer.from(data ?? []);
      const decipher = createDecipheriv('aes-256-gcm', this.key, sealed.subarray(0, IV_BYTES));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const plain = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      const decoded = temporal.api.common.v1.Payload.decode(plain);
      if (!this.canRead(Buffer.from(decoded.data ?? []).toString()))
        throw new Error('this key is not for you');
      return decoded;
    });
  }
}
