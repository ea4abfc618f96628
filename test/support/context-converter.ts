import { ContextCodec } from './context-codec.js';

/** For the command line: a module that `--data-converter` names. */
export const dataConverter = { payloadCodecs: [new ContextCodec()] };
