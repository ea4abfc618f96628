import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** Set and read again within one synchronous call. */
const WITHIN_ONE_CALL = ['dead-letter/replay-call.ts', 'messages/sender.ts'];

test('state of a workflow is kept by perWorkflow, not by a variable of a module', () => {
  const folder = join(__dirname, '../../../workflows');
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.ts'));
  assert.ok(files.length > 50, `${files.length} files`);
  const found = files.filter((name) =>
    /^(?:export )?(?:let |const \w+(?:: [^=\n]+)? = (?:\[\]|new (?:Map|Set|InFlight)\b))/m.test(
      readFileSync(join(folder, name), 'utf8'),
    ),
  );
  assert.deepEqual(found.sort(), WITHIN_ONE_CALL);
});
