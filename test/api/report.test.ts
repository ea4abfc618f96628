import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const root = join(__dirname, '..', '..', '..');
const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>;
};
/** `npm run api` writes the reports instead. */
const UPDATE = process.env.UPDATE_API_REPORT !== undefined;

/** @returns whether the report is up to date */
function report(name: string, types: string): boolean {
  const mainEntryPointFilePath = join(root, types);
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(root, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            ...{ target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext' },
            ...{ skipLibCheck: true, types: ['node'] },
          },
          files: [mainEntryPointFilePath],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: join(root, 'docs', 'api'),
        reportTempFolder: mkdtempSync(join(tmpdir(), 'api-report-')),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: silent,
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: UPDATE,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  return !apiReportChanged;
}

describe('a change of the public API shows in docs/api', () => {
  for (const [entry, target] of Object.entries(entries)) {
    if (typeof target === 'string') continue;
    const name = entry === '.' ? 'temporal-recovery' : entry.slice('./'.length);
    test(name, () => {
      const isCurrent = report(name, target.types);
      assert.ok(isCurrent || UPDATE, 'Run `npm run api` and commit docs/api');
      const text = readFileSync(join(root, 'docs', 'api', `${name}.api.md`), 'utf8');
      const silent = /\/\/ \(undocumented\)\n *(.*)/.exec(text)?.[1];
      assert.equal(silent, undefined, 'a public member needs a doc comment');
    });
  }
});
