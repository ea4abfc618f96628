/** A way in which people install, compile or start a worker: a line of the table in docs/packages.md. */
export interface SetUp {
  readonly name: string;
  /** The program is copied as TypeScript, and not as the CommonJS that tsc made of it. */
  readonly isTypeScript?: true;
  /** Put beside or over the program, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Fields of package.json. */
  readonly manifest?: object;
  /** Packages beside this one and its peers: name and range. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Package.json files, in which the packages of the project stand; by default that of the root. */
  readonly workspaces?: readonly string[];
  readonly install?: string;
  /** Run one after the other in the project. Those of its packages are on the PATH. */
  readonly run: readonly string[];
  /** Printed by the last command; by default the outcome of the replay. */
  readonly expected?: RegExp;
  /** Short enough for every run of the tests. */
  readonly isQuick?: true;
}

export const NPM = 'npm install --prefer-offline --no-audit --no-fund --loglevel=error';
const PNPM = 'npx -y pnpm@10 install --prefer-offline --reporter=silent';
const YARN_1 = 'npx -y yarn@1 install --prefer-offline --silent --no-lockfile';
const YARN_4 = 'npx -y -p @yarnpkg/cli-dist@4 yarn install --no-immutable';
const START = 'node main.js workflows.js';

const TYPESCRIPT = { typescript: '^5.9.0', '@types/node': '^20.0.0' };
const ESM_CONFIG = JSON.stringify({
  compilerOptions: {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    outDir: 'out',
  },
  include: ['*.ts'],
});
const CJS_CONFIG = JSON.stringify({
  compilerOptions: {
    ...{
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      esModuleInterop: true,
    },
  },
  // It finds `./program.js` where that is `program.ts`.
  'ts-node': { experimentalResolver: true },
  include: ['*.ts'],
});

/** As a build step of a user makes it. */
const BUNDLE_WORKFLOWS = `
const { writeFileSync } = require('node:fs');
const { bundleWorkflowCode } = require('@temporalio/worker');
const { RecoveryPlugin } = require('temporal-recovery');
bundleWorkflowCode({ workflowsPath: require.resolve('./workflows.js'), plugins: [new RecoveryPlugin()] })
  .then(({ code }) => writeFileSync('workflows.bundle.js', code));`;

const webpackConfig = (externals: string) => `
module.exports = {
  mode: 'production', target: 'node', entry: './main.js', devtool: false,
  output: { path: __dirname + '/out', filename: 'main.js' },
  externals: [({ request }, done) => ${externals}.test(request) ? done(null, 'commonjs ' + request) : done()],
};`;

/** The same test for both runners, with the environment of \`@temporalio/testing\`. */
const ENVIRONMENT_TEST = `
const { TestWorkflowEnvironment } = require('@temporalio/testing');
const { Worker } = require('@temporalio/worker');
const { failing, http, startRecoveryTest } = require('temporal-recovery/testing');
const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace = 'default' } = process.env;

test('a failed activity becomes a letter that can be replayed', async () => {
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address, namespace });
  const recovery = await startRecoveryTest(env);
  const { taskQueue } = recovery;
  const write = failing('written').always(http(422));
  const worker = await Worker.create({
    connection: env.nativeConnection, namespace, taskQueue, activities: { write },
    workflowsPath: require.resolve('./workflows.js'), plugins: [recovery.plugin()],
  });
  await worker.runUntil(async () => {
    const { letter } = await env.client.workflow.execute('sync', { workflowId: taskQueue, taskQueue, args: [1] });
    const { id, handle } = await recovery.expectDeadLetter({ workflowId: taskQueue, category: 'VALIDATION' });
    expect(id).toBe(letter);
    write.mend();
    expect((await handle.replay({ by: 'test' })).outcome).toBe('REPLAYED');
    await expect(recovery.expectDeadLetter({ count: 0 })).rejects.toThrow('Written in this test (1)');
  });
  await recovery.stop();
  await env.teardown();
}, 60000);`;

const WORKSPACES = {
  'packages/workflows/package.json': JSON.stringify({
    ...{ name: '@app/workflows', version: '1.0.0', main: 'workflows.js' },
    dependencies: { 'temporal-recovery': '*', '@temporalio/workflow': '*' },
  }),
  'packages/worker/package.json': JSON.stringify({
    ...{ name: '@app/worker', version: '1.0.0', dependencies: { '@app/workflows': '1.0.0' } },
    scripts: { start: 'node main.js ../workflows/workflows.js' },
  }),
};

/** In the order of docs/packages.md. */
export const SET_UPS: readonly SetUp[] = [
  { name: 'npm, CommonJS', run: [START], isQuick: true },
  {
    name: 'npm, ESM: TypeScript with module nodenext',
    ...{ isTypeScript: true, isQuick: true, packages: TYPESCRIPT, manifest: { type: 'module' } },
    files: { 'tsconfig.json': ESM_CONFIG },
    run: ['tsc', 'node out/main.js out/workflows.js'],
  },
  { name: 'Node 22', run: [`npx -y -p node@22 ${START}`], expected: /Node v22\..*outcome: REPLAYED/ },
  { name: 'Node 24', run: [`npx -y -p node@24 ${START}`], expected: /Node v24\..*outcome: REPLAYED/ },
  { name: 'pnpm 10', install: PNPM, run: [START] },
  {
    name: 'pnpm 10, hoist=false',
    ...{ install: PNPM, files: { '.npmrc': 'hoist=false\n' }, run: [START] },
  },
  { name: 'yarn 1', install: YARN_1, run: [START] },
  {
    name: 'yarn 4, nodeLinker: node-modules',
    ...{ install: YARN_4, files: { '.yarnrc.yml': 'nodeLinker: node-modules\n' }, run: [START] },
  },
  {
    name: 'yarn 4, Plug’n’Play',
    ...{ install: YARN_4, files: { '.yarnrc.yml': 'nodeLinker: pnp\n' } },
    run: [`npx -y -p @yarnpkg/cli-dist@4 yarn ${START}`],
  },
  {
    name: 'npm workspaces: workflows and worker in two packages',
    ...{ manifest: { workspaces: ['packages/*'] }, files: WORKSPACES },
    run: [
      'mv workflows.js packages/workflows',
      'mv main.js program.js packages/worker',
      'npm start -w @app/worker',
    ],
  },
  {
    name: 'tsx 4',
    ...{ isTypeScript: true, packages: { ...TYPESCRIPT, tsx: '^4.0.0' } },
    files: { 'tsconfig.json': CJS_CONFIG },
    run: ['tsx main.ts workflows.ts'],
  },
  {
    name: 'tsx 4, ESM',
    ...{ isTypeScript: true, manifest: { type: 'module' }, packages: { ...TYPESCRIPT, tsx: '^4.0.0' } },
    files: { 'tsconfig.json': ESM_CONFIG },
    run: ['tsx main.ts workflows.ts'],
  },
  {
    name: 'ts-node 10',
    ...{ isTypeScript: true, packages: { ...TYPESCRIPT, 'ts-node': '^10.0.0' } },
    files: { 'tsconfig.json': CJS_CONFIG },
    run: ['ts-node main.ts workflows.ts'],
  },
  {
    name: 'esbuild, workflows bundled before',
    ...{ packages: { esbuild: '^0.28.0' }, files: { 'bundle-workflows.js': BUNDLE_WORKFLOWS } },
    run: [
      'node bundle-workflows.js',
      'esbuild main.js --bundle --platform=node --external:@temporalio/* --external:temporal-recovery --outfile=out/main.js',
      'node out/main.js workflows.bundle.js',
    ],
  },
  {
    name: 'esbuild, this package bundled too',
    packages: { esbuild: '^0.28.0' },
    run: [
      'esbuild main.js --bundle --platform=node --external:@temporalio/* --outfile=out/main.js --log-level=error',
      'node out/main.js workflows.js',
    ],
    expected: /TypeError: RecoveryPlugin: temporal-recovery was bundled into .*main\.js.*keep it out/s,
  },
  {
    name: 'webpack 5, workflows bundled before',
    packages: { webpack: '^5.0.0', 'webpack-cli': '^6.0.0' },
    files: {
      'bundle-workflows.js': BUNDLE_WORKFLOWS,
      'webpack.config.js': webpackConfig('/^(@temporalio|temporal-recovery)(\\/|$)/'),
    },
    run: ['node bundle-workflows.js', 'webpack', 'node out/main.js workflows.bundle.js'],
  },
  {
    name: 'webpack 5, this package bundled too',
    packages: { webpack: '^5.0.0', 'webpack-cli': '^6.0.0' },
    files: { 'webpack.config.js': webpackConfig('/^@temporalio(\\/|$)/') },
    run: ['webpack', 'node out/main.js workflows.js'],
    expected: /TypeError: RecoveryPlugin: temporal-recovery was bundled into .*keep it out/s,
  },
  {
    name: 'jest 30 with @temporalio/testing',
    packages: { jest: '^30.0.0', '@temporalio/testing': 'of the SDK' },
    files: { 'sync.test.js': ENVIRONMENT_TEST },
    run: ['jest'],
    expected: /Tests: +1 passed, 1 total/,
  },
  {
    name: 'vitest with @temporalio/testing',
    packages: { vitest: '^5.0.0', '@temporalio/testing': 'of the SDK' },
    files: {
      'sync.test.mjs': `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n${ENVIRONMENT_TEST}`,
      'vitest.config.mjs': 'export default { test: { globals: true } };',
    },
    run: ['vitest run'],
    expected: /Tests +1 passed/,
  },
];
