import { WorkflowFailedError } from '@temporalio/client';
import type { RedriveHandle } from '../../../../client/redrive/handle.js';
import type { RedriveProgress } from '../../../../common/redrive/types.js';
import { RecoveryWorkerError } from '../../../answered.js';
import { ExitCode } from '../../../exit-codes.js';
import { StatusLine } from '../../../output/status-line.js';
import type { Session } from '../../../session.js';
import { progressLine } from './progress-line.js';
import { reportExitCode, reportLines } from './report.js';
import { waysToGoOn } from './ways.js';

const POLL_MS = 1_000;
/** Each of some seconds, so that a worker that restarts is not taken for a missing one. */
const SILENCES_TO_TELL = 3;

/** Shows a redrive until it is over. Ctrl-C leaves it running. */
export async function watch(session: Session, redrive: RedriveHandle): Promise<ExitCode> {
  const { output } = session;
  const stop = interruption();
  const line = new StatusLine(process.stdout);
  const result = redrive.result();
  result.catch(() => undefined);
  let silences = 0;
  try {
    for (;;) {
      const ended = await Promise.race([
        result.then(() => 'over' as const),
        stop.promise.then(() => 'interrupted' as const),
        pause().then(() => undefined),
      ]);
      if (ended === 'interrupted') {
        line.end();
        output.note(`${redrive.id} goes on.`, ...waysToGoOn(redrive.id));
        return ExitCode.INTERRUPTED;
      }
      if (ended === 'over') break;
      // The recovery worker may be busy, or away for a moment: the redrive is not over because of it.
      const progress = await session.client.connection
        .withDeadline(Date.now() + 5_000, () => redrive.progress())
        .catch((error) => {
          if (error instanceof WorkflowFailedError) throw error;
          return undefined;
        });
      silences = progress === undefined ? silences + 1 : 0;
      if (silences === SILENCES_TO_TELL) {
        line.end();
        output.note(
          new RecoveryWorkerError(session.recoveryTaskQueue).message,
          `${redrive.id} waits for it.`,
        );
      }
      if (!output.json) line.show(progressText(progress, output.width));
    }
    const report = await result;
    line.end();
    output.answer({ id: redrive.id, ...report }, () => reportLines(output, redrive.id, report));
    return reportExitCode(report);
  } finally {
    stop.forget();
    line.end();
  }
}

function progressText(progress: RedriveProgress | undefined, width: number | undefined): string {
  return progress === undefined
    ? 'waits for an answer of the recovery worker …'
    : progressLine(progress, width);
}

function interruption(): { promise: Promise<void>; forget(): void } {
  let heard = () => {};
  const promise = new Promise<void>((resolve) => {
    heard = resolve;
  });
  process.once('SIGINT', heard);
  process.once('SIGTERM', heard);
  return {
    promise,
    forget() {
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
    },
  };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
