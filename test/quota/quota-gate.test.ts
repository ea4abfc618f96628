import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyQuota } from '../../common/quota/key-quota.js';
import { QuotaGate } from '../../worker/circuit-breaker/quota-gate.js';

const call = (quotaKey: string) => ({ quotaKey }) as Parameters<QuotaGate['refused']>[0];

test('the end of a shorter wait that the fleet knows does not end the longer one of this worker', () => {
  const quota = new KeyQuota('tenant', () => 1);
  quota.refused({ waitMs: 63_000 }, { executionId: 'x', hasKey: true, calls: 1 }, 0, 0);
  quota.adopt({ key: 'tenant', waitMs: 60_000 }, 0, 100, 0);
  assert.equal(quota.adopt(undefined, 0, 60_100, 0), false);
  assert.equal(quota.usedUpUntil(60_100), 63_000);
});

test('a reset by a person, before the end that the fleet knows, ends the wait', () => {
  const quota = new KeyQuota('tenant', () => 1);
  quota.refused({ waitMs: 63_000 }, { executionId: 'x', hasKey: true, calls: 1 }, 0, 0);
  quota.adopt({ key: 'tenant', waitMs: 60_000 }, 0, 100, 0);
  assert.equal(quota.adopt(undefined, 0, 30_000, 0), true);
  assert.equal(quota.usedUpUntil(30_000), undefined);
});

test('a reset ends the wait also after a trial that was refused with a later end', () => {
  const quota = new KeyQuota('', () => 1);
  quota.adopt({ waitMs: 60_000 }, 0, 0, 0);
  quota.refused({ waitMs: 60_000 }, { executionId: 'x', hasKey: false, calls: 1 }, 5_000, 0);
  assert.equal(quota.usedUpUntil(5_000), 65_000);
  assert.equal(quota.adopt(undefined, 0, 30_000, 0), true);
  assert.equal(quota.usedUpUntil(30_000), undefined);
});

test('a longer wait that comes while a report is on its way is reported next', () => {
  const gate = new QuotaGate(() => 1);
  gate.refused(call('tenant'), { asked: { waitMs: 10_000 } }, 0, 0);
  const sent = gate.toReport(0);
  gate.refused(call('tenant'), { asked: { waitMs: 60_000 } }, 100, 0);
  gate.sent(sent);
  assert.deepEqual(
    gate.toReport(100).map(({ waitMs }) => waitMs),
    [60_000],
  );
  gate.sent(gate.toReport(100));
  assert.equal(gate.hasNews, false);
});

test('a success of a new key does not push out a quota that is in force', () => {
  const gate = new QuotaGate(() => 1);
  for (let i = 0; i < 1_000; i++) gate.refused(call(`used-up-${i}`), { asked: { waitMs: 60_000 } }, 0, 0);
  for (let i = 0; i < 1_500; i++) gate.succeeded(call(`new-${i}`), false, 10);
  for (let i = 0; i < 1_000; i++) assert.equal(gate.admit(call(`used-up-${i}`), 20)?.passes, false);
});

test('a longer wait that the fleet does not know yet is still reported after a push of the shorter one', () => {
  const gate = new QuotaGate(() => 1);
  gate.refused(call('tenant'), { asked: { waitMs: 10_000 } }, 0, 0);
  gate.sent(gate.toReport(0));
  gate.refused(call('tenant'), { asked: { waitMs: 60_000 } }, 100, 0);
  gate.adopt([{ key: 'tenant', waitMs: 10_000 }], 200, 200);
  assert.deepEqual(
    gate.toReport(200).map(({ waitMs }) => waitMs),
    [59_900],
  );
  gate.adopt([{ key: 'tenant', waitMs: 60_000 }], 0, 300);
  assert.equal(gate.hasNews, false);
});
