// The commands of docs/operations.md, as they are written there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../pages.js';

export const PAGE = 'docs/operations.md';

export interface PageSection {
  readonly heading: string;
  /** Command lines of its code blocks, then whole ones of its text; each once. */
  readonly commands: readonly string[];
  /** Beginnings of commands in its text, such as `dlq show`. */
  readonly mentioned: readonly string[];
}

const COMMAND = /^(?:npx temporal-recovery|temporal-recovery|temporal) /;
/** Messages of the log begin with the name too. */
const MESSAGES = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
const PART = /^(?:dlq|breaker|limit|errors|setup|worker) /;

/** @throws Error for a line of a `sh` block that is not a command of ours or of the Temporal CLI */
export function readSections(page: string): PageSection[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [heading = ''] = text.split('\n', 1);
      const lines = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
        block.split('\n').filter((line) => line.trim() !== ''),
      );
      const strange = lines.find((line) => !COMMAND.test(line));
      if (strange !== undefined) throw new Error(`${heading}: not a command that is tested: ${strange}`);
      const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
      const inline = [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
      const commands = [...lines.map(withoutComment), ...inline.filter(isCommand)];
      return {
        heading,
        commands: [...new Set(commands)],
        mentioned: inline.filter((code) => PART.test(code)),
      };
    });
}

export const readOperations = () => readSections(readFileSync(join(ROOT, PAGE), 'utf8'));

const isCommand = (code: string) => COMMAND.test(code) && !MESSAGES.includes(`\`${code}\``);

const withoutComment = (line: string) => line.replace(/\s+#.*$/, '').trim();
