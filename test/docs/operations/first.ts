import assert from 'node:assert/strict';
import { freePort } from '../../support/free-port.js';
import { eventually } from '../../support/harness.js';
import type { callOne } from '../../support/workflows.js';
import { DOWN, INVALID, LONGEST_ID } from './night.js';
import type { Section } from './steps.js';

/** Longer than the server of this test takes: it refuses each letter for good. */
const NO_QUEUE = 'q'.repeat(LONGEST_ID + 1);

export const FIRST: Readonly<Record<string, Section>> = {
  async 'First look'(night) {
    const [first = ''] = await night.letters('write', 2);
    night.trouble.set('charge', DOWN);
    await night.start('charge');
    await night.waiting('charge', /./);
    await night.untilBreaker('charge', 'OPEN');
    await (await night.recovery.redrives.start({ ids: [first] })).result();
    await eventually(async () => ((await night.recovery.errors.summary())?.totalErrors ?? 0) >= 4);
    return {
      'npx temporal-recovery errors --since 1h': {
        check(output) {
          assert.match(output, /attempts failed since/);
          assert.match(output, /\d {2}VALIDATION\n/);
          assert.match(output, /OPEN for \w+ +charge/);
        },
      },
      'npx temporal-recovery dlq groups': {
        check: (output) =>
          assert.match(output, /2 WAITING .*VALIDATION 422 +write +field <value> is missing/),
      },
      'npx temporal-recovery breaker list': {
        check: (output) => assert.match(output, /OPEN .*2 executions failed in a row.* charge\n/),
      },
      'npx temporal-recovery waiting list': {
        check: (output) =>
          assert.match(output, /charge +charge .*(is open: not called|it waits for the service)/),
      },
      'npx temporal-recovery dlq redrive list': {
        check: (output) => assert.match(output, /COMPLETED/),
      },
    };
  },

  async 'The Temporal UI as console'() {
    return {
      'temporal-recovery setup': {
        check: (output) => assert.match(output, /WorkflowType ?= ?["']deadLetter/),
      },
    };
  },

  async TemporalRecoveryLettersLost(night) {
    const { harness } = night;
    const taskQueue = harness.id('lost');
    const wrong = await night.startFleet(taskQueue, { taskQueue: NO_QUEUE, runRecoveryWorker: false });
    night.trouble.set('book', INVALID);
    const workflowId = harness.id('lost');
    const handle = await harness.client.workflow.start<typeof callOne>('callOne', {
      ...{ workflowId, taskQueue, args: ['book', ['seat']] },
    });
    assert.equal((await handle.result()).deadLetterId, undefined);
    await wrong.stop();
    const values = { workflow: workflowId };
    return {
      'temporal workflow show --workflow-id <workflow>': {
        values,
        check: (output) => assert.match(output, /ActivityTaskFailed/),
      },
      'temporal workflow reset --workflow-id <workflow> --type LastWorkflowTask --reason "its letter was lost"':
        {
          values,
          before: () => night.startFleet(taskQueue, { runRecoveryWorker: false }),
          async check() {
            const again = harness.client.workflow.getHandle<typeof callOne>(workflowId);
            const { deadLetterId } = await again.result();
            assert.ok(deadLetterId, 'it has no letter');
            await night.assertStatus([deadLetterId], 'WAITING');
            // The call itself was not made again.
            assert.equal(night.reached.filter((each) => each === 'book seat').length, 1);
          },
        },
    };
  },

  async TemporalRecoveryFaults(night) {
    await night.stopRecoveryWorker();
    const [id = ''] = await night.letters('write', 1);
    return {
      'temporal-recovery worker': {
        start: (line) => night.startRecoveryWorker(line),
        // A query: a recovery worker answers it.
        async check() {
          assert.equal((await night.recovery.deadLetters.get(id).state()).status, 'WAITING');
        },
      },
    };
  },

  async TemporalRecoveryNoRecoveryWorker(night) {
    const [id = ''] = await night.letters('write', 1);
    night.mend('write');
    await night.stopRecoveryWorker();
    // Without a recovery worker it waits.
    await night.recovery.deadLetters.get(id).signalReplay({ by: 'ada' });
    const port = await freePort();
    return {
      'temporal task-queue describe --task-queue temporal-recovery': {
        check(output) {
          assert.match(output, /ApproximateBacklogCount[\s\S]* workflow +\d/);
          assert.match(output, /Pollers:[\s\S]*LastAccessTime/);
        },
      },
      'npx temporal-recovery setup': {
        check: (output) => assert.match(output, /^All \d+ search attributes are registered in namespace /),
      },
      'npx temporal-recovery worker --metrics-address 0.0.0.0:9464': {
        start: (line) => night.startRecoveryWorker(line.replace('9464', String(port))),
        async check() {
          const letter = night.recovery.deadLetters.get(id);
          await eventually(async () => (await letter.state()).status === 'REPLAYED');
          await eventually(async () => {
            const served = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
            return served.includes('temporal_recovery_open_letters');
          });
        },
      },
    };
  },
};
