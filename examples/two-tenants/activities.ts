import { Context } from '@temporalio/activity';
import { APIS, type Api, type PushedRecord } from './records.js';

/** The name of an activity begins with its API: breakers, limits and `operations` are found by it. */
export type Activities = Record<`${Api}.push`, (record: PushedRecord) => Promise<void>>;

/** Ordinary activities, nothing in them knows of recovery. */
export function createActivities(serviceUrl: string): Activities {
  const push = (api: Api) => async (record: PushedRecord) => {
    const response = await fetch(`${serviceUrl}/${api}/${record.id}`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        // For the figures of the example: how long the call waited before it began, and was on its way.
        'x-scheduled-at': `${Context.current().info.scheduledTimestampMs}`,
        'x-began-at': `${Date.now()}`,
      },
      body: JSON.stringify(record),
    });
    if (response.ok) return;
    const { message } = (await response.json()) as { message: string };
    throw Object.assign(new Error(message), {
      status: response.status,
      headers: Object.fromEntries(response.headers),
    });
  };
  return Object.fromEntries(APIS.map((api) => [`${api}.push`, push(api)])) as Activities;
}
