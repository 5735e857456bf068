/** The import rules of the house: arrows point one way, vendors live in one place. */
const folders = [
  'domain',
  'workflows',
  'activities',
  'ports',
  'runtime',
  'ots',
  'gateway',
  'api',
  'source',
  'worker',
  'local',
  'cli',
];

/** A rule that lets `folder` import only the named folders of ours. */
const only = (folder, from, allowed) => ({
  name: `${folder}-imports-only-${allowed.join('-') || 'nothing-of-ours'}`,
  severity: 'error',
  from: { path: from },
  to: { path: `^(${folders.join('|')})/`, pathNot: `^(${[folder, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    only('domain', '^domain/', []),
    only('ports', '^ports/', ['domain']),
    only('runtime', '^runtime/', ['domain', 'ports']),
    only('activities', '^activities/(?!adapters/)', ['domain', 'ports', 'runtime']),
    only('activities/adapters', '^activities/adapters/', ['domain', 'ots', 'ports', 'runtime']),
    only('ots', '^ots/', []),
    only('gateway', '^gateway/', ['domain', 'ports', 'runtime']),
    only('api', '^api/(?!main\\.ts$)', ['domain', 'ports', 'runtime']),
    only('api/main.ts', '^api/main\\.ts$', ['activities', 'api', 'domain', 'ports', 'runtime']),
    {
      name: 'the-api-takes-only-adapters-of-activities',
      severity: 'error',
      from: { path: '^api/' },
      to: { path: '^activities/(?!adapters/)' },
    },
    only('source', '^source/', ['domain', 'ots', 'runtime']),
    only('local', '^local/', ['domain', 'ots', 'runtime']),
    only('worker', '^worker/', ['activities', 'domain', 'ports', 'runtime']),
    only('workflows', '^workflows/', ['domain', 'activities']),
    {
      name: 'workflows-take-only-types-of-activities',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'activities-do-not-know-their-adapters',
      severity: 'error',
      from: { path: '^activities/(?!adapters/)' },
      to: { path: '^activities/adapters/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'No I/O, no clock, no SDK. Buffers and hashes are values; of packages, only pure ones.',
      severity: 'error',
      from: { path: '^domain/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot:
          '^(node_modules/(yauzl|@types/yauzl|luxon|@types/luxon|@noble/hashes)/|(node:)?(crypto|zlib|util|net)$)',
      },
    },
    {
      name: 'workflows-are-deterministic',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot: 'node_modules/@temporalio/(workflow|common)/',
      },
    },
    {
      name: 'vendor-sdks-only-in-adapters',
      severity: 'error',
      from: { pathNot: '^(activities/adapters|test|bench)/' },
      to: { path: 'node_modules/(ali-oss|tablestore|@types/ali-oss|@types/tablestore)/' },
    },
    {
      name: 'only-the-worker-loads-the-worker',
      severity: 'error',
      from: { pathNot: '^(worker|test|bench|scripts)/' },
      to: { path: 'node_modules/@temporalio/(worker|core-bridge|testing)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-own-index',
      severity: 'error',
      from: { path: '^(.+)/[^/]+$' },
      to: { path: '^$1/index\\.ts$' },
    },
    {
      name: 'tests-stay-outside',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
