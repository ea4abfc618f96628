import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasRequiredAttributes } from '../../client/server/search-attributes.js';
import { SEARCH_ATTRIBUTE_NAMES, SEARCH_ATTRIBUTES } from '../../common/contract.js';

test('filters and gauges need all search attributes but that of tags', () => {
  assert.ok(hasRequiredAttributes(SEARCH_ATTRIBUTE_NAMES));
  for (const missing of SEARCH_ATTRIBUTE_NAMES) {
    const registered = SEARCH_ATTRIBUTE_NAMES.filter((name) => name !== missing);
    assert.equal(hasRequiredAttributes(registered), missing === SEARCH_ATTRIBUTES.tags, missing);
  }
});
