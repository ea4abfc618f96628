import type { Info } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { originInfo, readCallHeader } from '../../activities/failing-call/origin.js';
import {
  connectionReset,
  hang,
  http,
  type InjectedFailure,
  lostResponse,
  rateLimited,
} from '../../activities/injected-failures/failures.js';
import { OWN_ACTIVITY_PREFIX } from '../../common/contract.js';
import { findOperation, namesOfCall } from '../../common/strategies/index.js';
import { chooseKind } from './choose-kind.js';
import type { ChaosKind, ParsedChaos } from './kinds.js';

const FAILURES: Readonly<Record<ChaosKind, InjectedFailure>> = {
  unavailable: http(503),
  rateLimited: rateLimited('2 seconds'),
  hang: hang(),
  reset: connectionReset(),
  lostResponse: lostResponse(),
  invalid: http(422),
};

/** Fails a share of the attempts. Its place is within the interceptor that handles failures. */
export function chaosInterceptor(
  chaos: ParsedChaos,
  injected: (info: Info, kind: ChaosKind) => void,
): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const kind = kindFor(chaos, info, readCallHeader(input.headers)?.recovery?.operation);
        if (kind === undefined) return next(input);
        if (kind === 'lostResponse') await next(input);
        injected(info, kind);
        return FAILURES[kind].fail();
      },
    },
  });
}

function kindFor(chaos: ParsedChaos, info: Info, operation: string | undefined): ChaosKind | undefined {
  const { activityType, attempt, workflowExecution, activityId } = info;
  if (activityType.startsWith(OWN_ACTIVITY_PREFIX)) return undefined;
  if (findOperation(chaos.operations, namesOfCall({ operation, activityType })) === undefined)
    return undefined;
  // A replay is made by the letter: it is the same call, and other attempts.
  const origin = workflowExecution === undefined ? { workflowId: '', activityId } : originInfo();
  const call = JSON.stringify([activityType, origin.workflowId, origin.activityId]);
  return chooseKind(chaos, call, JSON.stringify([workflowExecution?.workflowId, activityId, attempt]));
}
