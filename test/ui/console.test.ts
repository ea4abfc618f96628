// One night on call, in the Temporal UI: calls of a tenant fail in the same way, and each page leads to the next.
// SCREENSHOT=folder makes pictures; dead-letter-group, limit and flood of them are in docs/images.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { analyticsWorkflowId } from '../../common/error-analytics/messages.js';
import { stageOf } from '../flood/stage.js';
import { eventually, useHarness } from '../support/harness.js';
import { findChromium } from './browser.js';
import { assertPage, screenshot } from './our-pages.js';
import { TemporalUi } from './temporal-ui.js';

const chromium = findChromium();

describe('the Temporal UI as a console', {
  skip: chromium === undefined && 'no Chromium on this machine',
}, () => {
  const get = useHarness('console');
  let ui: TemporalUi;
  let stage: ReturnType<typeof stageOf>;
  let groupId: string;
  let letterId: string;

  before(async () => {
    const h = get();
    stage = stageOf(h, 'crm', {
      quotaKey: (_, [tenant]) => String(tenant),
      limits: {
        [h.id('crm-api')]: [
          { calls: 10, per: '1 second' },
          { calls: 10_000, per: '1 day' },
        ],
      },
    });
    await stage.start();
    ui = await TemporalUi.open(h, chromium ?? '');
  });
  after(() => ui?.close());

  const show = (id: string, ...expected: readonly (string | RegExp)[]) => assertPage(get(), ui, id, expected);
  /** The input that a page has for a signal, as a person copies it. */
  const exampleOf = async (signal: string): Promise<string> => {
    const [, input] = new RegExp(`signal ${signal}, input (\\{.*?\\})`).exec(await ui.shownText()) ?? [];
    assert.ok(input, `the page has no example for ${signal}`);
    return input;
  };
  const limitId = () => `limit/${stage.breakerName}`;
  const breakerId = () => `circuit-breaker/${stage.breakerName}`;

  test('a limit: who uses it, and its circuit breaker', async () => {
    const busy = await Promise.all(Array.from({ length: 90 }, () => stage.push('tenant-7')));
    const limit = get().recovery.limits.get(stage.breakerName);
    await eventually(() => limit.describe());
    await limit.set(
      { calls: 20, per: '1 second' },
      { by: 'ada', reason: 'raised for the migration', expiresIn: '6 hours' },
    );
    await show(
      limitId(),
      'At most 20 calls per second',
      /Set by: ada: raised for the migration/,
      /tenant-7: 1 worker · /,
      `Its circuit breaker, if calls have failed: ${breakerId()}`,
    );
    await screenshot(ui, 'limit');
    await Promise.all(busy.map((each) => each.result()));
  });

  test('a flood: on the page of the circuit breaker, with its letters, and the signal that ends it', async () => {
    await stage.fail(6);
    await stage.until(({ floods = [] }) => floods.length > 0);
    const { handle } = await stage.held();
    await show(
      breakerId(),
      'CLOSED: calls pass, but some are held',
      'Floods of dead letters',
      /6 of 6 calls ended as dead letters of group \w+ .* · open letters of this cause/,
      `The limit of its calls, if they have one: ${limitId()}`,
    );
    await screenshot(ui, 'flood', 1_150);
    await ui.sendSignal('resume', await exampleOf('resume'));
    await handle.result().catch(() => undefined);
    const list = await ui.followLink(limitId());
    await list.getByRole('link', { name: limitId() }).first().waitFor();
    await list.close();
  });

  test('a letter leads to its group, and the group to its newest letter and its open letters', async () => {
    const h = get();
    const letters = await eventually(async () => {
      const found = await stage.letters();
      return found.length === 7 && found;
    });
    letterId = letters[0]?.id ?? '';
    groupId = `dead-letter-group/${stage.queue}/${letters[0]?.group}`;
    await eventually(
      async () =>
        (await h.recovery.groups.get(letters[0]?.group ?? '', stage.queue).describe()).letters === 7,
    );
    await show(letterId, /Cause: dead-letter-group\/.* · open letters of this cause/);
    const group = await ui.followLink(groupId);
    await group.getByRole('heading', { name: groupId, exact: true }).waitFor();
    await group.close();
    await show(groupId, 'OPEN: needs somebody', 'Letters written: 7', /Newest letter: dead-letter\//);
    const list = await ui.followLink('open letters of this cause');
    await list.getByRole('link', { name: letterId }).first().waitFor();
    await list.close();
  });

  test('a group: each of its examples works as it is shown', async () => {
    for (const [signal, ...expected] of [
      ['assign', 'Owner: team-billing'],
      ['note', 'Note: known: see the ticket'],
      ['link', 'Link: https://tickets.example/42'],
      ['mute', 'MUTED: is known', 'Muted until: '],
      ['unmute', 'OPEN: needs somebody'],
      ['resolve', 'RESOLVED: is mended'],
    ] as const) {
      await ui.sendSignal(signal, await exampleOf(signal));
      await show(groupId, ...expected);
      await screenshot(ui, `group-${signal}`);
    }
    await stage.fail(1);
    await eventually(async () => (await stage.letters()).length === 8);
    await eventually(
      async () => (await get().recovery.groups.list({ queue: stage.queue }))[0]?.status === 'REGRESSED',
    );
    await show(groupId, 'REGRESSED: has come back after it was resolved');
    await screenshot(ui, 'group-regressed');
  });

  test('a redrive from the page of a group, with its example: it leads to the group and back', async () => {
    const h = get();
    stage.bad.clear();
    await ui.sendSignal('redrive', await exampleOf('redrive'));
    const id = await eventually(async () => {
      for await (const { workflowId } of h.client.workflow.list({ query: 'WorkflowType="redrive"' }))
        if (workflowId.includes(groupId.split('/').at(-1) ?? '')) return workflowId;
      return undefined;
    });
    await h.client.workflow.getHandle(id).result();
    await show(id, 'COMPLETED: handled all letters', '8 replayed', `Started from: ${groupId}`);
    await screenshot(ui, 'redrive-of-group');
    await show(groupId, '1 started: redrives of this group', `redrive started ${id}`);
    await screenshot(ui, 'dead-letter-group', 1_500);
    await show(letterId, 'REPLAYED, replayed once: the work is done', `redrive ${id}`);
    await screenshot(ui, 'letter-redriven');
    const redrive = await ui.followLink(id);
    await redrive.getByRole('heading', { name: id, exact: true }).waitFor();
    await redrive.close();
  });

  test('the errors of the fleet lead to the letters of each cause', async () => {
    const analyticsId = analyticsWorkflowId(get().recoveryTaskQueue);
    await eventually(() => get().client.workflow.getHandle(analyticsId).describe());
    await show(analyticsId, 'errors a minute', /letters of \w+/, 'causes of dead letters');
    await screenshot(ui, 'errors');
  });
});
