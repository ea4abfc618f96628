import { rawValueTypeInfo, type TypeInfo } from '@temporalio/common';

const INDEX = /^\d+$/;

/**
 * Says of every input, however many there are, that it is taken as a raw payload and read by our own code: one that
 * the SDK cannot decode would fail the task for ever. A list of any length would leave out what comes behind its end.
 */
export const RAW_INPUTS: readonly TypeInfo[] = new Proxy<TypeInfo[]>([], {
  get: (none, key, receiver) =>
    typeof key === 'string' && INDEX.test(key) ? rawValueTypeInfo : Reflect.get(none, key, receiver),
});
