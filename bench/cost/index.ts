import type { Benchmark } from '../support/benchmark.js';
import { actions } from './actions.js';

export const costBenchmarks: readonly Benchmark[] = [actions];
