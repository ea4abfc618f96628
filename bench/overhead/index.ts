import type { Benchmark } from '../support/benchmark.js';
import { healthyCalls } from './healthy-calls.js';

export const overheadBenchmarks: readonly Benchmark[] = [healthyCalls];
