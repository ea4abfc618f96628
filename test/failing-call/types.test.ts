import { test } from 'node:test';
import type { CallRecoveryOptions } from 'temporal-recovery/workflow';

interface Activities {
  price(sku: string, day: number): Promise<{ amount: number }>;
}

interface Mixed {
  flag(): Promise<boolean>;
  other(): Promise<boolean>;
}

/** Nothing runs here: that this file compiles, and that every line marked does not, is the test. */
test('types: an answer must be what the activity gives', () => {
  const good: CallRecoveryOptions<Activities>[] = [
    { fallback: { value: { amount: 1 } } },
    { fallback: { activity: 'backup', startToCloseTimeout: '5s' } },
    { fallback: (sku, day, error) => ({ amount: sku.length + day + error.message.length }) },
    { fallback: async () => ({ amount: 1 }), skipValue: undefined },
    { skipValue: { amount: 0 }, categories: { SERVER: { fallback: { value: { amount: 2 } } } } },
    { strategies: ['RETRY', { strategy: 'EXPONENTIAL_BACKOFF', retryDelay: '1s' }], onExhausted: 'fail' },
  ];
  const bad: CallRecoveryOptions<Activities>[] = [
    // @ts-expect-error another type
    { fallback: { value: 1 } },
    // @ts-expect-error an answer of another type
    { fallback: () => 'x' },
    // @ts-expect-error an argument of another type
    { fallback: (sku: number) => ({ amount: sku }) },
    // @ts-expect-error another type
    { skipValue: 'nothing' },
    // @ts-expect-error no such strategy
    { strategies: 'RETRI' },
    // @ts-expect-error no such category
    { categories: { NETWROK: 'RETRY' } },
    // @ts-expect-error no such option
    { maxRetry: 3 },
    // @ts-expect-error no such end
    { onExhausted: 'retry' },
    // @ts-expect-error an answer of another type, for a category
    { categories: { SERVER: { fallback: { value: 'x' } } } },
  ];
  const mixed: CallRecoveryOptions<Mixed>[] = [{ fallback: { value: true } }, { fallback: () => false }];
  return void [good, bad, mixed];
});
