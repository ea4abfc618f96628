// Which search attributes a letter gets, while the server is away for a moment.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import {
  registeredSearchAttributes,
  searchAttributesToWrite,
} from '../../client/server/search-attributes.js';
import { SEARCH_ATTRIBUTE_NAMES } from '../../common/contract.js';
import { TcpProxy } from '../faults/tcp-proxy.js';
import { eventually, useHarness } from '../support/harness.js';

describe('search attributes of what is written', () => {
  const get = useHarness('search-attributes');

  /** A client whose server can be away. */
  async function flakyClient(t: { after(done: () => Promise<void>): void }) {
    const { connectionOptions, namespace } = get();
    const port = Number(connectionOptions.address.split(':')[1]);
    let isAway = false;
    const proxy = await TcpProxy.listen(() => (isAway ? undefined : port));
    const connection = await Connection.connect({
      ...{ ...connectionOptions, address: proxy.address },
      // Answers at once while the server is away, and is connected again at once.
      interceptors: [],
      channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 200 },
    });
    t.after(async () => {
      await connection.close();
      await proxy.close();
    });
    const setAway = (value: boolean) => {
      isAway = value;
      proxy.cut();
    };
    return { client: new Client({ connection, namespace }), setAway };
  }

  test('are asked again after a fault, which is thrown for a minute', async (t) => {
    const { client, setAway } = await flakyClient(t);
    setAway(true);
    await assert.rejects(searchAttributesToWrite(client));
    assert.equal(await registeredSearchAttributes(client), undefined);
    // A server that never answers does not keep letters from being written.
    assert.deepEqual(await searchAttributesToWrite(client, 0), []);
    setAway(false);
    // Its connection is tried again only after a while.
    const known = await eventually(() => registeredSearchAttributes(client));
    assert.deepEqual(known, SEARCH_ATTRIBUTE_NAMES);
    setAway(true);
    assert.deepEqual(await searchAttributesToWrite(client), SEARCH_ATTRIBUTE_NAMES);
  });

  test('of several that ask at the same time one goes to the server', async (t) => {
    const { client } = await flakyClient(t);
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => registeredSearchAttributes(client)));
    assert.deepEqual(first, SEARCH_ATTRIBUTE_NAMES);
    for (const other of others) assert.equal(other, first);
  });
});
