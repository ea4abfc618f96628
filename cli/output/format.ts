/** How a command shows its answer. */
export const OUTPUT_FORMATS = ['table', 'wide', 'json', 'jsonl'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What `--output` takes: `text` is the Temporal CLI's name of `table`, which it hands on to its extensions. */
export const OUTPUT_NAMES = [...OUTPUT_FORMATS, 'text'] as const;

export interface FormatFlags {
  readonly output?: (typeof OUTPUT_NAMES)[number];
  /** The older way to say `--output json`. */
  readonly json?: boolean;
}

export function formatOf({ output, json }: FormatFlags): OutputFormat {
  if (output === undefined) return json ? 'json' : 'table';
  return output === 'text' ? 'table' : output;
}

/** Of a command line that could not be read: an error is shown in the format that was asked for. */
export function formatAskedFor(argv: readonly string[]): OutputFormat {
  const end = argv.indexOf('--');
  const flags = end < 0 ? argv : argv.slice(0, end);
  const value = flags
    .map((flag, at) =>
      flag === '-o' || flag === '--output' ? flags[at + 1] : /^(?:--output=|-o)(.+)$/.exec(flag)?.[1],
    )
    .find((found) => found !== undefined);
  const output = OUTPUT_NAMES.find((name) => name === value?.toLowerCase());
  return formatOf({ output, json: flags.includes('--json') });
}

export function isJson(format: OutputFormat): boolean {
  return format === 'json' || format === 'jsonl';
}
