/** The import rules: imports between folders go one way, and only adapters/ imports vendors' SDKs. */
const folders = [
  'domain',
  'workflows',
  'activities',
  'ports',
  'adapters',
  'runtime',
  'ots',
  'gateway',
  'api',
  'source',
  'worker',
  'local',
  'cli',
];

/** A rule that lets `folder` import only the named folders. */
const only = (folder, from, allowed) => ({
  name: `${folder}-imports-only-${allowed.join('-') || 'none'}`,
  severity: 'error',
  from: { path: from },
  to: { path: `^(${folders.join('|')})/`, pathNot: `^(${[folder, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    only('domain', '^domain/', []),
    only('ports', '^ports/', ['domain']),
    only('runtime', '^runtime/', ['domain', 'ports']),
    only('activities', '^activities/', ['domain', 'ports', 'runtime']),
    only('adapters', '^adapters/', ['domain', 'ots', 'ports', 'runtime']),
    only('ots', '^ots/', ['domain']),
    only('gateway', '^gateway/', ['domain', 'ports', 'runtime']),
    only('api', '^api/', ['adapters', 'domain', 'ports', 'runtime']),
    only('source', '^source/', ['domain', 'ots', 'runtime']),
    only('local', '^local/', ['domain', 'ots', 'runtime']),
    only('worker', '^worker/', ['activities', 'adapters', 'domain', 'ports', 'runtime']),
    only('workflows', '^workflows/', ['domain', 'activities']),
    {
      name: 'workflows-import-only-types-of-activities',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-only-in-composition-roots',
      severity: 'error',
      from: { pathNot: '^(adapters|worker|cli|test|bench)/|^api/main\\.ts$' },
      to: { path: '^adapters/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'No I/O, no clock, no SDK. Buffers and hashes are values. Only pure packages are allowed.',
      severity: 'error',
      from: { path: '^domain/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot:
          '^(node_modules/(yauzl|@types/yauzl|luxon|@types/luxon|@noble/hashes|fastest-levenshtein|chinese-days)/|(node:)?(buffer|crypto|zlib|util|net)$)',
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
      from: { pathNot: '^(adapters|test|bench)/' },
      to: { path: 'node_modules/(ali-oss|tablestore|@types/ali-oss|@types/tablestore)/' },
    },
    {
      name: 'worker-sdk-only-in-the-worker',
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
      name: 'no-cycles-of-gateway-folders',
      severity: 'error',
      scope: 'folder',
      from: { path: '^gateway/' },
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
