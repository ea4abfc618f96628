import type { Benchmark } from '../support/benchmark.js';
import { atTheLimit } from './at-the-limit.js';
import { farBelow } from './far-below.js';

export const limitBenchmarks: readonly Benchmark[] = [atTheLimit, farBelow];
