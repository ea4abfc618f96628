import { EncryptionCodec } from '../support/encryption-codec.js';

export const dataConverter = { payloadCodecs: [new EncryptionCodec('cli-test')] };
