import type { Benchmark } from '../support/benchmark.js';
import { capture } from './capture.js';
import { failingBlock } from './failing-block.js';
import { life } from './life.js';
import { redrive } from './redrive.js';
import { tenThousand } from './ten-thousand.js';

export const deadLetterBenchmarks: readonly Benchmark[] = [capture, failingBlock, redrive, tenThousand, life];
