import type { Benchmark } from '../support/benchmark.js';
import { deadService } from './dead-service.js';
import { healthyCall } from './healthy-call.js';
import { healthyFleet } from './healthy-fleet.js';
import { openSpread } from './open-spread.js';
import { openTimes } from './open-times.js';
import { recovery } from './recovery.js';
import { reports } from './reports.js';
import { rules } from './rules.js';
import { rulesOnServer } from './rules-on-server.js';
import { waking } from './waking.js';

export const breakerBenchmarks: readonly Benchmark[] = [
  rules,
  rulesOnServer,
  healthyCall,
  healthyFleet,
  openSpread,
  openTimes,
  deadService,
  recovery,
  reports,
  waking,
];
