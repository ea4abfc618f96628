import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { breakerWorkflowId, FLEET_DEFAULTS, parseBreakerConfig } from '../../common/circuit-breaker/index.js';
import * as contract from '../../common/contract.js';
import { deadLetterWorkflowId } from '../../common/dead-letter/id.js';
import { hash52, utf8Length } from '../../common/text/text.js';
import * as breaker from '../../workflows/circuit-breaker/definitions.js';
import * as letter from '../../workflows/dead-letter/definitions.js';
import * as group from '../../workflows/dead-letter-group/definitions.js';
import * as redrive from '../../workflows/redrive/definitions.js';
import { SCHEMAS } from './schemas.js';

const PAGE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'protocol.md'), 'utf8');

describe('the page of the wire protocol', () => {
  test('links each schema', () => {
    const links = [...PAGE.matchAll(/\(protocol\/([\w-]+)\.schema\.json\)/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(links)].sort(), [...SCHEMAS.keys()].sort());
  });

  test('names each signal, update and query', () => {
    const names = [letter, breaker, redrive, group].flatMap((all) =>
      Object.values(all).map(({ name }) => name),
    );
    assert.ok(names.length > 15);
    assert.deepEqual(
      names.filter((name) => !PAGE.includes(`\`${name}\``)),
      [],
    );
  });

  test('names the workflow types, prefixes, search attributes, header and keys of the contract', () => {
    const names = [
      contract.DEAD_LETTER_WORKFLOW,
      contract.CIRCUIT_BREAKER_WORKFLOW,
      contract.REDRIVE_WORKFLOW,
      contract.GROUP_WORKFLOW,
      contract.DEAD_LETTER_ID_PREFIX,
      contract.CIRCUIT_BREAKER_ID_PREFIX,
      contract.REDRIVE_ID_PREFIX,
      contract.GROUP_ID_PREFIX,
      contract.DEFAULT_TASK_QUEUE,
      contract.OWN_ACTIVITY_PREFIX,
      contract.CALL_HEADER,
      contract.DETAIL_KEY,
      contract.PARKED_STATUS_KEY,
      contract.CIRCUIT_OPEN,
      ...contract.SEARCH_ATTRIBUTE_NAMES,
    ];
    assert.deepEqual(
      names.filter((name) => !PAGE.includes(`\`${name}`)),
      [],
    );
  });

  test('has values of hash52 that the code gives too', () => {
    const values = [...PAGE.matchAll(/^\| `([^`]+)` \| `([0-9a-f]{13})` \|$/gm)];
    assert.equal(values.length, 2);
    for (const [, text = '', hash] of values) assert.equal(hash52(text), hash);
  });

  test('says where the settings of a worker without settings are', () => {
    assert.match(PAGE, /without settings sends the first example of the \[input\]/);
    const first = SCHEMAS.get('breaker-input')?.examples?.[0] as { config: unknown } | undefined;
    assert.deepEqual(first?.config, parseBreakerConfig(FLEET_DEFAULTS));
  });

  test('cuts ids as the code does', () => {
    const cut = (text: string, bytes: number) =>
      text.length <= bytes ? text : `${text.slice(0, bytes - 14)}~${hash52(text)}`;
    const origin = { workflowId: 'w'.repeat(300), runId: 'r'.repeat(36), scheduledEventId: 5 };
    const room = 255 - 12 - 39 - 1;
    for (const type of ['sendOrder', 'a'.repeat(200)]) {
      const activity = cut(type, Math.floor(room / 3));
      const expected = `dead-letter/${cut(origin.workflowId, room - activity.length)}/${activity}/${origin.runId}/5`;
      assert.equal(deadLetterWorkflowId(origin, type), expected);
      assert.ok(utf8Length(expected) <= 255);
    }
    assert.equal(breakerWorkflowId('n'.repeat(300)), `circuit-breaker/${cut('n'.repeat(300), 239)}`);
  });
});
