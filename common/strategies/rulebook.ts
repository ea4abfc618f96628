import type { ErrorCategory } from '../errors/category.js';
import { type Defaults, PLUGIN_DEFAULTS } from './defaults.js';
import { findOperation, namesOfCall } from './operation-pattern.js';
import type { RecoveryPlan } from './plan.js';
import { type Layers, resolvePlan, setsAttempts, setsIntervals } from './resolve.js';
import { fallbackActivities, type RecoveryRules } from './rules.js';

/** Rules for the calls of an operation. */
export interface OperationRules {
  readonly rules: RecoveryRules;
  /** Name of the dead-letter queue. */
  readonly queue?: string;
}

/** What of a call decides about its recovery. */
export interface RecoverableCall {
  readonly activityType: string;
  /** Name given by the call; its activity type where it gave none. */
  readonly operation?: string;
  /** The call's own rules. */
  readonly rules?: RecoveryRules;
}

/** All rules of a worker. */
export class Rulebook {
  constructor(
    private readonly rules: RecoveryRules = {},
    /** By name or pattern of operations and activity types. */
    private readonly operations: ReadonlyMap<string, OperationRules> = new Map(),
    private readonly defaults: Defaults = PLUGIN_DEFAULTS,
  ) {}

  operation(call: RecoverableCall): OperationRules | undefined {
    return findOperation(this.operations, namesOfCall(call));
  }

  plan(call: RecoverableCall, category: ErrorCategory): RecoveryPlan {
    return resolvePlan(this.layers(call), category, this.defaults);
  }

  /** Whether rules for this call or its operation say how long to wait. Then they come before its retry policy. */
  setsIntervals(call: RecoverableCall, category: ErrorCategory): boolean {
    return setsIntervals([call.rules, this.operation(call)?.rules], category);
  }

  /** Whether rules for this call or its operation say how often to try. Then they hold where its retry policy has no end. */
  setsAttempts(call: RecoverableCall, category: ErrorCategory): boolean {
    return setsAttempts([call.rules, this.operation(call)?.rules], category);
  }

  /** All activities that answer for others, with their paths in the options. */
  fallbackActivities(): ReturnType<typeof fallbackActivities> {
    const ofOperations = [...this.operations].flatMap(([pattern, { rules }]) =>
      fallbackActivities(rules, `operations.${pattern}`),
    );
    return [...fallbackActivities(this.rules), ...ofOperations];
  }

  private layers(call: RecoverableCall): Layers {
    return [call.rules, this.operation(call)?.rules, this.rules];
  }
}
