import type { FailureConverter, PayloadConverter } from '@temporalio/common';
import type { WorkflowOutboundCallsInterceptor } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';

/**
 * All that this package uses of the SDK's private state in a workflow, and nothing else does.
 *
 * `docs/upstream.md` says for each part which public API would replace it. `sdkProblem` checks the shape when a workflow
 * starts. The worker refuses a version that was not tried and fails the self-test (`worker/sdk/`).
 */
interface PrivateState {
  payloadConverter: PayloadConverter;
  readonly failureConverter: FailureConverter;
  readonly registeredActivityNames: ReadonlySet<string>;
  readonly knownPresentPatches: ReadonlySet<string>;
  readonly interceptors: { readonly outbound: WorkflowOutboundCallsInterceptor[] };
  readonly completions?: {
    readonly activity?: ReadonlyMap<number, PendingCall>;
    readonly childWorkflowComplete?: ReadonlyMap<number, unknown>;
  };
  signalWorkflow(job: { readonly identity?: string | null }): void;
  doUpdate(job: { readonly meta?: { readonly identity?: string | null } | null }): void;
}

export interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const state = () => getActivator() as unknown as PrivateState;

/**
 * State of each workflow by itself. A variable of a module is that of one workflow only where the SDK keeps the modules of
 * workflows apart: with some versions of webpack, older SDKs do not.
 */
export function perWorkflow<T>(make: () => T): () => T {
  const made = new WeakMap<object, T>();
  return () => {
    const workflow = state();
    let own = made.get(workflow);
    if (own === undefined) {
      own = make();
      made.set(workflow, own);
    }
    return own;
  };
}

const has = (owner: unknown, method: string): boolean =>
  typeof (owner as Record<string, unknown> | undefined)?.[method] === 'function';

/** What cannot be replaced where it is missing. */
const NEEDED: Readonly<Record<string, (found: PrivateState) => boolean>> = {
  payloadConverter: ({ payloadConverter: found }) => has(found, 'toPayload') && has(found, 'fromPayload'),
  failureConverter: ({ failureConverter }) => has(failureConverter, 'failureToError'),
  registeredActivityNames: ({ registeredActivityNames }) => has(registeredActivityNames, 'has'),
  knownPresentPatches: ({ knownPresentPatches }) => has(knownPresentPatches, 'has'),
  'interceptors.outbound': ({ interceptors }) => Array.isArray(interceptors?.outbound),
};

/** Parts of the private state that this version of the SDK does not have; undefined where all are there. */
export function sdkProblem(): string | undefined {
  const found = state();
  const missing = Object.entries(NEEDED).flatMap(([name, isThere]) => (isThere(found) ? [] : [name]));
  return missing.length === 0 ? undefined : missing.join(', ');
}

/** The user's payload converter. */
export function payloadConverter(): PayloadConverter {
  return state().payloadConverter;
}

/** Puts another payload converter around the user's. */
export function wrapPayloadConverter(wrap: (converter: PayloadConverter) => PayloadConverter): void {
  const activator = state();
  activator.payloadConverter = wrap(activator.payloadConverter);
}

export function failureConverter(): FailureConverter {
  return state().failureConverter;
}

/** Names of the activities of the worker that runs this workflow; empty in a replay of recorded histories. */
export function activitiesOfWorker(): ReadonlySet<string> {
  return state().registeredActivityNames;
}

/** Whether the history of the workflow holds the marker of a patch. */
export function isPatchInHistory(id: string): boolean {
  return state().knownPresentPatches.has(id);
}

/** The interceptors of outbound calls; the last one is next to the call. */
export function outboundInterceptors(): WorkflowOutboundCallsInterceptor[] {
  return state().interceptors.outbound;
}

/** Children of the workflow that have not ended. */
export function pendingChildren(): number {
  return state().completions?.childWorkflowComplete?.size ?? 0;
}

const localActivities = perWorkflow(() => new Set<number>());

/** Numbers of local activities that are kept before those that have ended are left out. */
const MOST_LOCAL = 1_000;

/** Says that the call with this sequence number is a local activity. */
export function addLocalActivity(seq: number): void {
  const local = localActivities();
  if (local.size >= MOST_LOCAL) leaveOutEnded(local);
  local.add(seq);
}

/**
 * Activities of the workflow that have not ended, without local ones: these end earlier in a replay. Many, where the SDK keeps
 * them in another way.
 */
export function pendingActivities(): number {
  const pending = state().completions?.activity;
  if (pending === undefined) return Number.MAX_SAFE_INTEGER;
  const local = localActivities();
  leaveOutEnded(local);
  return pending.size - local.size;
}

function leaveOutEnded(local: Set<number>): void {
  const pending = state().completions?.activity;
  for (const seq of local) if (!pending?.has(seq)) local.delete(seq);
}

/**
 * Gives the pending call of an activity another `reject`.
 * @param replace gets the call as it is
 * @returns false where that is not possible: another interceptor delays the call, or the SDK keeps calls in another way
 */
export function replaceReject(seq: number, replace: (call: PendingCall) => PendingCall['reject']): boolean {
  const find = () => state().completions?.activity?.get(seq);
  const call = find();
  if (!has(call, 'reject') || !has(call, 'resolve')) return false;
  const { resolve, reject } = call as PendingCall;
  const replaced = replace({ resolve, reject });
  // Of a copy this would change nothing: so it is read again.
  return Reflect.set(call as PendingCall, 'reject', replaced) && find()?.reject === replaced;
}

/**
 * Runs `around` for each signal and update, with the identity of its sender. The SDK calls these two methods for every job,
 * and again for jobs that waited for their handler, and they call validator and handler synchronously.
 */
export function aroundMessages(around: (identity: unknown, handle: () => void) => void): void {
  const activator = state();
  const { signalWorkflow, doUpdate } = activator;
  if (typeof signalWorkflow !== 'function' || typeof doUpdate !== 'function') return;
  activator.signalWorkflow = (job) => around(job.identity, () => signalWorkflow.call(activator, job));
  activator.doUpdate = (job) => around(job.meta?.identity, () => doUpdate.call(activator, job));
}
