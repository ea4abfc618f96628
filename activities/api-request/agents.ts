import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { AddressGuard } from './addresses.js';
import type { ConnectionOptions } from './types.js';

/** Requests have shorter limits of their own; this one ends connections that no request waits for any more. */
export const MAX_CONNECT_MS = 120_000;

/** A connection that was not made because of where it would have gone. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
  readonly code = 'ERR_ADDRESS_REFUSED';
}

export interface Connections {
  readonly dispatcher: Dispatcher;
  readonly guard: AddressGuard;
}

const byLookup = new WeakMap<LookupFunction, Map<string, Connections>>();

/** Only requests with the same rules share connections. */
export function connectionsFor({
  allowAddresses = [],
  lookup = dnsLookup as LookupFunction,
  dispatcher,
}: ConnectionOptions): Connections {
  if (dispatcher !== undefined) return { dispatcher, guard: new AddressGuard(allowAddresses) };
  const byRules = byLookup.get(lookup) ?? new Map<string, Connections>();
  byLookup.set(lookup, byRules);
  const rules = [...allowAddresses].sort().join(' ');
  const known = byRules.get(rules);
  if (known !== undefined) return known;
  const guard = new AddressGuard(allowAddresses);
  const made = { guard, dispatcher: guardedAgent(guard, lookup) };
  byRules.set(rules, made);
  return made;
}

/** Checks where a connection goes when it is made: what a name resolved to before says nothing about now. */
function guardedAgent(guard: AddressGuard, lookup: LookupFunction): Agent {
  const options = { timeout: MAX_CONNECT_MS, lookup: guardedLookup(guard, lookup) };
  const connect = buildConnector(options as buildConnector.BuildOptions);
  return new Agent({
    connect: (target, callback) => {
      const refusal = guard.refusalOfHost(target.hostname);
      if (refusal !== undefined) return callback(new AddressRefusedError(refusal), null);
      connect(target, callback);
    },
  });
}

/** One rejected address among several is enough: it is unknown which of them would be used. */
function guardedLookup(guard: AddressGuard, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      for (const address of addresses) {
        const refusal = guard.refusalOfAddress(address, hostname);
        if (refusal !== undefined) return callback(new AddressRefusedError(refusal), found, family);
      }
      callback(null, found, family);
    });
}
