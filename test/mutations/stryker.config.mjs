// Mutation testing of pure code: `npm run test:mutations -- quota`. Stryker is fetched when it is needed; it has more
// packages than all the rest together.

/** What is changed, and the tests that have to notice, quick ones first. */
const AREAS = {
  quota: {
    mutate: ['common/quota/**/*.ts'],
    tests: ['quota/edges', 'quota/key-quota', 'quota/throttles', 'quota/quota-gate'],
  },
  strategies: {
    mutate: ['common/strategies/**/*.ts'],
    tests: [
      'strategies/rules',
      'strategies/plan',
      'strategies/options',
      'conformance/config',
      'protocol/fields',
    ],
  },
  'circuit-breaker': {
    mutate: ['common/circuit-breaker/**/*.ts'],
    tests: [
      'circuit-breaker/{known-defects,overrides,conformance,config,open-time,circuit-breaker,clock-set-back}',
      'circuit-breaker/{input,page}',
      'protocol/{fields,page,schemas}',
      'circuit-breaker/windows',
      'circuit-breaker/machine',
    ],
  },
  errors: {
    mutate: [
      'common/errors/{verdict,retry-after,from-exception,waits,links,classify,quota,throttle,message,walk,headers}.ts',
      'common/errors/sources/{http-status,rpc,temporal,axios,undici,node-codes}.ts',
    ],
    tests: [
      'errors/{conformance,shapes,retry-after,got-and-ky,details,python-and-go,grpc,other-protocols,by-shape}',
      'conformance/errors',
      'quota/throttles',
      'errors/anything',
    ],
  },
};

const area = process.env.AREA ?? '';
if (!(area in AREAS)) throw new Error(`Name an area: ${Object.keys(AREAS).join(', ')}; got "${area}"`);
const { mutate, tests } = AREAS[area];
const report = `node_modules/.cache/mutations/${area}`;

export default {
  mutate,
  testRunner: 'tap',
  tap: {
    testFiles: tests.map((name) => `dist/test/${name}.test.js`),
    nodeArgs: ['-r', '{{hookFile}}', '{{testFile}}'],
    forceBail: true,
  },
  coverageAnalysis: 'perTest',
  buildCommand: 'node test/mutations/build.mjs',
  // It would rewrite ours with a compiler that has a JavaScript interface, which version 7 has not.
  tsconfigFile: 'none',
  concurrency: 1,
  timeoutMS: 30_000,
  timeoutFactor: 4,
  reporters: ['json', 'html', 'clear-text', 'progress-append-only'],
  jsonReporter: { fileName: `${report}.json` },
  htmlReporter: { fileName: `${report}.html` },
  clearTextReporter: { reportTests: false, logTests: false },
  ignorePatterns: ['dist', 'docs/images'],
  tempDirName: '.stryker-tmp',
};
