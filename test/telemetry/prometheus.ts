// A real Prometheus, where it is installed (Debian: apt-get install prometheus).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/harness.js';

export const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;

export interface Series {
  readonly metric: Record<string, string>;
  readonly value: readonly [number, string];
}

/** A series over time. */
export interface Range {
  readonly metric: Record<string, string>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

export interface Rule {
  readonly name: string;
  readonly type: string;
  readonly health: string;
  readonly lastError?: string;
}

/** Scrapes one worker each second, and evaluates rules as often. */
export class Prometheus {
  private readonly startedAt = Date.now() / 1_000;

  private constructor(
    private readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(port: number, scraped: number, rules: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
    const config = join(folder, 'prometheus.yml');
    await writeFile(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: [rules],
        scrape_configs: [{ job_name: 'workers', static_configs: [{ targets: [`127.0.0.1:${scraped}`] }] }],
      }),
    );
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const started = new Prometheus(`http://127.0.0.1:${port}`, child, folder);
    // Two scrapes: a rate needs both.
    await eventually(async () => (await started.query('count_over_time(up[1m]) > 2')).length > 0);
    return started;
  }

  /** @throws Error where Prometheus does not understand the expression */
  async query(expression: string): Promise<readonly Series[]> {
    const { result } = await this.get<{ result: readonly Series[] }>(
      `query?query=${encodeURIComponent(expression)}`,
    );
    return result;
  }

  /** From the start of this Prometheus until now. @throws as `query` */
  async range(expression: string): Promise<readonly Range[]> {
    const window = `start=${this.startedAt}&end=${Date.now() / 1_000}&step=1`;
    const { result } = await this.get<{ result: readonly Range[] }>(
      `query_range?query=${encodeURIComponent(expression)}&${window}`,
    );
    return result;
  }

  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.get<{ groups: readonly { rules: readonly Rule[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }
}
