/**
 * The names other processes, the Temporal UI and other languages see. Changing one breaks running fleets.
 */

/** Workflow types of the recovery worker. */
export const DEAD_LETTER_WORKFLOW = 'deadLetter';
export const CIRCUIT_BREAKER_WORKFLOW = 'circuitBreaker';

export const REDRIVE_WORKFLOW = 'redrive';
export const LIMIT_WORKFLOW = 'limit';
export const GROUP_WORKFLOW = 'deadLetterGroup';
export const ERROR_ANALYTICS_WORKFLOW = 'errorAnalytics';

/** A redrive's workflow id is this and a name that was given or made up. */
export const REDRIVE_ID_PREFIX = 'redrive/';

/** A dead letter's workflow id is this, its origin and its activity. */
export const DEAD_LETTER_ID_PREFIX = 'dead-letter/';

/** The workflow id of the letters of one cause is this, the name of their dead-letter queue, and their fingerprint. */
export const GROUP_ID_PREFIX = 'dead-letter-group/';

/** A breaker's workflow id is this and its name. */
export const CIRCUIT_BREAKER_ID_PREFIX = 'circuit-breaker/';

/** The workflow id of a limit's entity is this and its name. */
export const LIMIT_ID_PREFIX = 'limit/';
/** The workflow id of the errors of a fleet is this and the task queue of its recovery workers. */
export const ERROR_ANALYTICS_ID_PREFIX = 'error-analytics/';

/** Signal of `errorAnalytics`: errors that a worker has seen. */
export const RECORD_SIGNAL = 'record';

/** Signal of `errorAnalytics` with events that hooks receive. */
export const ALERT_SIGNAL = 'alert';

/** Signal of `errorAnalytics`: a recovery worker has hooks. */
export const WATCH_SIGNAL = 'watch';

/** Task queue of the recovery worker when nothing else is configured. */
export const DEFAULT_TASK_QUEUE = 'temporal-recovery';

/** Name of the dead-letter queue when nothing else is configured. */
export const DEFAULT_QUEUE = 'default';

/** Activities with this prefix are the plugin's own and are never recovered themselves. */
export const OWN_ACTIVITY_PREFIX = 'recovery.';

/** Local activity that decides what becomes of a failed activity; its result is recorded in history. */
export const HANDLE_FAILURE_ACTIVITY = `${OWN_ACTIVITY_PREFIX}handleFailure`;

/** The same for several activities that failed at the same time. */
export const HANDLE_FAILURES_ACTIVITY = `${OWN_ACTIVITY_PREFIX}handleFailures`;

/** Registered by workers that only observe, and never called: workflow code sees the names of a worker's activities. */
export const OBSERVES_ACTIVITY = `${OWN_ACTIVITY_PREFIX}observes`;

/**
 * Registered and never called, as `OBSERVES_ACTIVITY`: this and the name or pattern of operations that have a `recordKey`. The
 * id of their letters is not made of the call alone.
 */
export const SHARES_LETTER_PREFIX = `${OWN_ACTIVITY_PREFIX}sharesLetter/`;

/** Local activity that notes that a call was answered by other means. */
export const ANSWERED_ACTIVITY = `${OWN_ACTIVITY_PREFIX}answered`;

/** Local activity of a dead letter: what became of the workflow it came from. */
export const DESCRIBE_ORIGIN_ACTIVITY = `${OWN_ACTIVITY_PREFIX}describeOrigin`;

/** Activity of the recovery workflows: reads an input that the worker of the workflow could not read. */
export const READ_INPUT_ACTIVITY = `${OWN_ACTIVITY_PREFIX}readInput`;

/** Its id says which input: nothing that is encoded can. */
export const readInputActivityId = (input: number): string => `read-input-${input}`;

export const inputOfActivityId = (id: string): number => Number(id.slice(id.lastIndexOf('-') + 1));

/** Activity of `errorAnalytics`: looks at circuit breakers and queues for the hooks. */
export const LOOK_FOR_ALERTS_ACTIVITY = `${OWN_ACTIVITY_PREFIX}lookForAlerts`;

/** Activity of `errorAnalytics`: calls the hooks. */
export const DELIVER_ALERTS_ACTIVITY = `${OWN_ACTIVITY_PREFIX}deliverAlerts`;

/** Activity of an origin that was reset: the outcome of a letter that is the child of its earlier run. */
export const AWAIT_LETTER_ACTIVITY = `${OWN_ACTIVITY_PREFIX}awaitLetter`;

/** Activities of the workflow `redrive`, on the recovery worker. */
export const REDRIVE_ACTIVITIES = {
  plan: `${OWN_ACTIVITY_PREFIX}planRedrive`,
  snapshot: `${OWN_ACTIVITY_PREFIX}listLetters`,
  batch: `${OWN_ACTIVITY_PREFIX}redriveLetters`,
  breaker: `${OWN_ACTIVITY_PREFIX}waitForBreaker`,
  settle: `${OWN_ACTIVITY_PREFIX}waitForHeldLetters`,
} as const;

/** Activities of the workflow `deadLetterGroup`, on the recovery worker. */
export const GROUP_ACTIVITIES = {
  openLetters: `${OWN_ACTIVITY_PREFIX}countLettersOfGroup`,
  deploy: `${OWN_ACTIVITY_PREFIX}awaitDeploy`,
  redrive: `${OWN_ACTIVITY_PREFIX}awaitRedrive`,
} as const;

/** Header of an activity call whose failure the workflow interceptor will catch. */
export const CALL_HEADER = 'temporal-recovery';

/** Key of the detail appended to failures and of the wrapper around heartbeat details. */
export const DETAIL_KEY = 'temporalRecovery';

/** Patch that separates histories with the plugin from histories without it. */
export const PATCH_ID = 'temporal-recovery';

/** The same since 0.11.0, where calls that fail together are decided together. Before 0.12.0 local activities had the other one. */
export const TOGETHER_PATCH_ID = 'temporal-recovery/together';

/** Signal a dead letter is started with; its input is the original arguments. */
export const ARGUMENTS_SIGNAL = 'arguments';

/**
 * Signal that a dead letter of a record is started with, or that adds a failure to it; its inputs are the record of the
 * failure and the arguments.
 */
export const FAILED_AGAIN_SIGNAL = 'failedAgain';

/** Signal that tells the letter of a record that a later call of it succeeded. */
export const SUCCEEDED_SIGNAL = 'succeeded';

/** Search attributes. `tags` is of type KeywordList, all others of type Keyword. */
export const SEARCH_ATTRIBUTES = {
  queue: 'RecoveryQueue',
  category: 'RecoveryCategory',
  operation: 'RecoveryOperation',
  group: 'RecoveryGroup',
  status: 'RecoveryStatus',
  tags: 'RecoveryTags',
} as const;

export const SEARCH_ATTRIBUTE_NAMES: readonly string[] = Object.values(SEARCH_ATTRIBUTES);

/** Lists and filters need these. Without `RecoveryTags`, tags are in the memo, and letters are read to find them. */
export const REQUIRED_SEARCH_ATTRIBUTES: readonly string[] = SEARCH_ATTRIBUTE_NAMES.filter(
  (name) => name !== SEARCH_ATTRIBUTES.tags,
);

/** Numbers of the server's API (`temporal.api.enums.v1.IndexedValueType`). */
export const INDEXED_VALUE_TYPES = { Keyword: 2, KeywordList: 7 } as const;

export function searchAttributeType(name: string): keyof typeof INDEXED_VALUE_TYPES {
  return name === SEARCH_ATTRIBUTES.tags ? 'KeywordList' : 'Keyword';
}

/** The command that registers the search attributes, as printed where they are missing. */
export function searchAttributeCommand(
  namespace: string,
  names: readonly string[] = SEARCH_ATTRIBUTE_NAMES,
): string {
  const flags = names.map((name) => `--name ${name} --type ${searchAttributeType(name)}`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${flags}`;
}

/** Encoding the recovery worker gives to payloads no codec could read; they are passed on as they came. */
export const UNDECODABLE_ENCODING = 'binary/temporal-recovery-undecodable';

/** Metadata of the result of a letter whose origin waits for it: the letter's final status. */
export const PARKED_STATUS_KEY = 'temporal-recovery-status';

/** Type of the failure of an attempt that an open circuit breaker rejected. */
export const CIRCUIT_OPEN = 'CircuitOpen';

/** Type of the failure of `recovery.handleFailure` where the server refuses a letter whatever is tried. */
export const LETTER_REFUSED = 'LetterRefused';
