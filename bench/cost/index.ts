import type { Benchmark } from '../support/benchmark.js';
import { actions, outageActions } from './actions.js';

export const costBenchmarks: readonly Benchmark[] = [actions, outageActions];
