import type { Client } from '@temporalio/client';
import { OpenLetterSurvey } from '../../client/dead-letter/open-letters.js';
import { hasRequiredAttributes, registeredSearchAttributes } from '../../client/server/search-attributes.js';
import type { WorkerTelemetry } from '../telemetry.js';

/** The workers of a fleet that start together do not look together. */
const FIRST_WITHIN_MS = 10_000;

export interface LetterGaugesOptions {
  readonly client: Client;
  /** Milliseconds between two looks; `false` never looks. */
  readonly intervalMs: number | false;
  /** Shown with 0 letters before it has any. */
  readonly queue: string;
  readonly telemetry: Pick<WorkerTelemetry, 'openLetters' | 'fault'>;
}

/** The open letters of the fleet as metrics, taken by the recovery worker at a slow pace. @returns stops it */
export function showOpenLetters({ client, intervalMs, queue, telemetry }: LetterGaugesOptions): () => void {
  if (intervalMs === false) return () => undefined;
  const survey = new OpenLetterSurvey(client, [queue]);
  const { namespace } = client.options;
  let stopped = false;
  let timer: NodeJS.Timeout;
  const look = async () => {
    try {
      const registered = await registeredSearchAttributes(client);
      // The start-up log says so.
      if (registered !== undefined && !hasRequiredAttributes(registered)) return;
      for (const { queue, letters, oldest } of await survey.take()) {
        const age = oldest === undefined ? 0 : Math.max(0, Date.now() - oldest.getTime());
        if (!stopped) telemetry.openLetters(namespace, queue, letters, Math.round(age / 1_000));
      }
    } catch (fault) {
      if (!stopped) telemetry.fault('counting the open letters', fault);
    } finally {
      plan(intervalMs * (0.9 + Math.random() / 5));
    }
  };
  const plan = (waitMs: number) => {
    if (stopped) return;
    timer = setTimeout(look, waitMs);
    timer.unref();
  };
  plan(Math.min(FIRST_WITHIN_MS, intervalMs) * Math.random());
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
