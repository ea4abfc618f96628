// docs/operations.md is for 3 a.m.: each of its commands is typed here, in a scene like that of its alert, on a real server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { useHarness } from '../../support/harness.js';
import { BREAKERS } from './breakers.js';
import { FIRST } from './first.js';
import { LETTERS } from './letters.js';
import { LONGEST_ID, Night } from './night.js';
import { readOperations, readSections } from './page.js';
import { REDRIVES } from './redrives.js';
import type { Section } from './steps.js';
import { quoted } from './terminal.js';

const SECTIONS: Readonly<Record<string, Section>> = { ...FIRST, ...LETTERS, ...BREAKERS, ...REDRIVES };
const page = readOperations();
const withCommands = page.filter(({ commands }) => commands.length > 0);

describe('docs/operations.md: what its commands do', () => {
  const get = useHarness('operations', undefined, { 'limit.maxIDLength': String(LONGEST_ID) });
  let night: Night;
  before(async () => {
    night = await Night.begin(get());
  });
  after(() => night?.end());

  for (const { heading, commands } of withCommands) {
    test(heading, async (t) => {
      const section = SECTIONS[heading];
      assert.ok(section, 'the section has commands that no test knows');
      const steps = await section(night);
      assert.deepEqual(Object.keys(steps), commands);
      for (const [command, step] of Object.entries(steps)) {
        await step.before?.();
        const { values = {}, env, answer, start, code: expected = 0, check } = step;
        const line = command.replaceAll(/<(\w+)>/g, (_, name: string) =>
          quoted({ you: 'ada', ...values }[name] ?? assert.fail(`no value for <${name}> of ${command}`)),
        );
        if (start !== undefined) {
          await start(line);
          await check('');
          continue;
        }
        const { code, output } = await night.terminal.type(line, env, answer);
        t.diagnostic(`$ ${line}\n${output}`);
        assert.equal(code, expected, `${line}\n${output}`);
        await check(output);
      }
    });
  }
});

describe('docs/operations.md: its text', () => {
  test('each section that is tested is there', () => {
    assert.deepEqual(Object.keys(SECTIONS).sort(), withCommands.map(({ heading }) => heading).sort());
  });

  test('a command that the text names in short is one that is typed', () => {
    const typed = page.flatMap(({ commands }) => commands.map((each) => each.replace(/^npx /, '')));
    for (const { heading, mentioned } of page) {
      for (const part of mentioned)
        assert.ok(
          typed.some((each) => each.startsWith(`temporal-recovery ${part}`)),
          `${heading}: ${part}`,
        );
    }
  });

  test('a line that is not a command of ours or of the Temporal CLI is found', () => {
    assert.throws(() => readSections('## Alert\n\n```sh\nkubectl get pods\n```\n'), /Alert: .*kubectl/);
  });
});
