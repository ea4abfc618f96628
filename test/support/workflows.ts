import {
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  proxyActivities,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import { deadLetterId } from 'temporal-recovery/workflow';

/** What a workflow could see of a failed activity. */
export interface Seen {
  result?: unknown;
  error?: {
    name: string;
    message: string;
    activityType?: string;
    retryState?: string;
    causeName?: string;
    causeMessage?: string;
    type?: string | null;
    details?: unknown[];
    timeoutType?: string;
    lastHeartbeatDetails?: unknown;
  };
  deadLetterId?: string;
}

const activities = (options?: ActivityOptions) =>
  proxyActivities<Record<string, (...args: unknown[]) => Promise<unknown>>>({
    startToCloseTimeout: '10s',
    ...options,
  });

/** Calls one activity and tells how that went. */
export async function callOne(activity: string, args: unknown[], options?: ActivityOptions): Promise<Seen> {
  try {
    return { result: await activities(options)[activity]?.(...args) };
  } catch (error) {
    return see(error);
  }
}

/** Calls one activity and fails with it. */
export async function callAndFail(
  activity: string,
  args: unknown[],
  options?: ActivityOptions,
): Promise<unknown> {
  return activities(options)[activity]?.(...args);
}

/** Calls activities one after the other, with a pause in between that lets a test change the world. */
export async function callInSequence(calls: string[], pause: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const call of calls) {
    seen.push(await callOne(call, []));
    await sleep(pause);
  }
  return seen;
}

export function see(error: unknown): Seen {
  // A local activity fails with the bare failure.
  const isActivityFailure = error instanceof ActivityFailure;
  if (!isActivityFailure && !(error instanceof ApplicationFailure)) throw error;
  const cause = isActivityFailure ? error.cause : error;
  return {
    error: {
      name: error.name,
      message: error.message,
      ...(isActivityFailure ? { activityType: error.activityType, retryState: error.retryState } : {}),
      causeName: cause?.name,
      causeMessage: cause?.message,
      ...(cause instanceof ApplicationFailure ? { type: cause.type, details: cause.details ?? [] } : {}),
      ...(cause instanceof TimeoutFailure
        ? { timeoutType: cause.timeoutType, lastHeartbeatDetails: cause.lastHeartbeatDetails }
        : {}),
    },
    deadLetterId: deadLetterId(error),
  };
}
