import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiLinkerError } from 'temporal-recovery';
import { connectionReset, type Failure, failing, http, rateLimited } from 'temporal-recovery/testing';
import { retryAfterMs } from '../../common/errors/index.js';
import { chooseKind } from '../../worker/chaos/choose-kind.js';
import { namespaceProblem, readChaos } from '../../worker/chaos/read-options.js';

async function thrownBy(failure: Failure): Promise<unknown> {
  return failing('never')
    .always(failure)()
    .then(
      () => assert.fail('it should have failed'),
      (error: unknown) => error,
    );
}

describe('injected failures', () => {
  for (const [failure, category, status] of [
    [http(503), 'SERVER', 503],
    [http(422), 'VALIDATION', 422],
    [http(401), 'AUTH', 401],
    [rateLimited('7 seconds'), 'RATE_LIMIT', 429],
    [connectionReset(), 'NETWORK', undefined],
  ] as const) {
    test(`${failure.kind} is classified as ${category}, and its message says that it is injected`, async () => {
      const error = await thrownBy(failure);
      const seen = ApiLinkerError.fromException(error);
      assert.equal(seen.errorCategory, category);
      if (status !== undefined) assert.equal(seen.statusCode, status);
      assert.match(seen.message, /injected by temporal-recovery/);
      if (failure.kind === '429') assert.equal(retryAfterMs(error, 0), 7_000);
    });
  }

  test('a status that is no error is refused', () => {
    assert.throws(() => http(200), /from 400 to 599; got 200/);
  });
});

describe('recipes', () => {
  const double = async (value: number) => value * 2;
  const outcomes = async (run: (at: number) => Promise<unknown>, count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, at) =>
        run(at + 1).then(
          () => '.',
          () => 'x',
        ),
      ),
    ).then((each) => each.join(''));

  test('times, then the real activity, with its type', async () => {
    const activity = failing(double).times(3).with(http(503));
    assert.equal(await outcomes(activity, 5), 'xxx..');
    const result: number = await activity(4);
    assert.equal(result, 8);
    assert.deepEqual([activity.attempts, activity.injected], [6, 3]);
  });

  test('every nth, by record, and mended', async () => {
    assert.equal(await outcomes(failing(double).everyNth(3, http(422)), 7), '..x..x.');
    const activity = failing(double).byRecord((value) => (value > 2 ? http(422) : undefined));
    assert.equal(await outcomes(activity, 4), '..xx');
    activity.mend();
    assert.equal(await outcomes(activity, 4), '....');
  });

  test('a share is that of its seed', async () => {
    const run = (seed: string) => outcomes(failing(1).share(0.3, new Error('mine'), seed), 100);
    assert.equal(await run('a'), await run('a'));
    assert.notEqual(await run('a'), await run('b'));
    const failed = (await run('a')).replaceAll('.', '').length;
    assert.ok(failed > 15 && failed < 45, `${failed} of 100`);
  });
});

describe('chaos', () => {
  const kinds = ['unavailable', 'reset', 'invalid'] as const;
  const drawn = (attempt: string) =>
    Array.from({ length: 6_000 }, (_, call) =>
      chooseKind({ rate: 0.3, kinds, seed: 's' }, `call-${call}`, attempt),
    );

  test('each kind has its share, and the same seed draws the same', () => {
    const first = drawn('1');
    for (const kind of kinds) {
      const share = first.filter((each) => each === kind).length / first.length;
      assert.ok(Math.abs(share - 0.1) < 0.02, `${kind}: ${share}`);
    }
    assert.deepEqual(drawn('1'), first);
  });

  test('bad input stays bad, and an outage does not', () => {
    const [first, second] = [drawn('1'), drawn('2')];
    const both = (kind: string) => first.filter((each, at) => each === kind && second[at] === kind).length;
    assert.equal(both('invalid'), first.filter((each) => each === 'invalid').length);
    assert.ok(both('unavailable') < 150);
  });

  test('namespaces that look like production are refused unless they are named', () => {
    const chaos = readChaos({ rate: 0.1, allowInNamespaces: ['prod-copy'] }, []);
    assert.ok(chaos);
    for (const name of ['prod', 'orders-PRODUCTION.a1b2', 'live'])
      assert.match(namespaceProblem(chaos, name) ?? '', /looks like production/);
    for (const name of ['staging', 'default', 'prod-copy'])
      assert.equal(namespaceProblem(chaos, name), undefined);
  });

  test('wrong options are named with their path', () => {
    const problems: string[] = [];
    readChaos({ rate: 2, kinds: ['flood'], more: 1 }, problems);
    assert.match(problems.join('; '), /chaos\.rate: .*got 2/);
    assert.match(problems.join('; '), /chaos\.kinds\.0: /);
    assert.match(problems.join('; '), /more/);
  });
});
