import type { CallRecovery } from '../../common/failing-call/call-header.js';
import { Problems } from '../../common/strategies/problems.js';
import { type KeptAnswers, readRules } from '../../common/strategies/read.js';
import { utf8Length } from '../../common/text/text.js';
import type { RecoveryOfCall } from './recovery-of-call.js';

const MAX_METADATA_BYTES = 4_000;
const MAX_NAME = 200;

const NO_LOCAL_BREAKER =
  'local activities have no circuit breaker: rejected attempts would keep the workflow task busy; ' +
  'use proxyRecoverableActivities for calls of a service that can be down';

/**
 * Reads the option `recovery` of a proxy of ordinary or local activities.
 * @throws InvalidRecoveryError
 */
export function readCallRecovery(
  input: object,
  what: string,
  { local = false }: { local?: boolean } = {},
): RecoveryOfCall {
  const problems = new Problems(what);
  const answers: KeptAnswers = new Map();
  const rules = readRules(input, 'recovery', problems, answers, [
    'operation',
    'breaker',
    'queue',
    'metadata',
  ]);
  const { operation, breaker, queue, metadata } = input as Record<string, unknown>;
  if (local && breaker !== undefined) problems.say('recovery.breaker', NO_LOCAL_BREAKER);
  const header: CallRecovery = {
    ...readName('operation', operation, problems),
    ...(breaker === false ? { breaker } : readName('breaker', breaker, problems)),
    ...readName('queue', queue, problems),
    ...(metadata === undefined ? {} : { metadata: readMetadata(metadata, problems) }),
    ...(Object.keys(rules).length === 0 ? {} : { rules }),
  };
  problems.throwIfAny();
  return { header, answers };
}

function readName(key: string, value: unknown, problems: Problems): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value === 'string' && value !== '' && value.length <= MAX_NAME) return { [key]: value };
  problems.add(`recovery.${key}`, `a name of 1 to ${MAX_NAME} characters`, value);
  return {};
}

function readMetadata(value: unknown, problems: Problems): Record<string, unknown> {
  const expected = `an object whose JSON has at most ${MAX_METADATA_BYTES} bytes`;
  try {
    const json = JSON.stringify(value);
    if (json.startsWith('{') && utf8Length(json) <= MAX_METADATA_BYTES) return JSON.parse(json);
  } catch {
    // No JSON: told below.
  }
  problems.add('recovery.metadata', expected, value);
  return {};
}
