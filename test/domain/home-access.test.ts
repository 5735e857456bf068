import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homeAccess } from '../../domain/home-access.ts';

const OWN = [
  ...[
    'logs',
    'local',
    'scratch',
    'sample-done',
    'api-token',
    'api-token.17',
    'endpoints.json',
    'endpoints.json.new',
  ],
  ...[
    'channel-keys',
    'channel-keys.17',
    'pids.json',
    'pids.json.new',
    'supervisor.lock',
    'supervisor.lock.0f1e',
    '.probe-17',
  ],
  ...['temporal.toml', 'temporal.db', 'temporal.db-wal', 'temporal.db-shm'],
];

const cases: readonly (readonly [
  name: string,
  mode: number,
  ownedByUser: boolean,
  entries: readonly string[],
  decision: ReturnType<typeof homeAccess>,
])[] = [
  ['a private home', 0o700, true, OWN, 'keep'],
  ['a private home with other files', 0o700, true, ['mine'], 'keep'],
  ['a home that others can read', 0o755, true, OWN, 'restrict'],
  ['a home that others can only search', 0o701, true, OWN, 'restrict'],
  ['a home that the group can write', 0o770, true, OWN, 'restrict'],
  ['an empty folder', 0o755, true, [], 'restrict'],
  ['a folder of another user', 0o755, false, OWN, 'warn'],
  ['a folder that everybody can write', 0o757, true, OWN, 'warn'],
  ['a folder with the sticky bit', 0o1755, true, OWN, 'warn'],
  ['a folder with a file of the user', 0o755, true, [...OWN, 'routes.yaml'], 'warn'],
  ['a folder with a file whose name only begins like one of Sluice', 0o755, true, ['logs2'], 'warn'],
  ['a folder with a hidden file', 0o755, true, ['.bashrc'], 'warn'],
];
for (const [name, mode, ownedByUser, entries, decision] of cases)
  test(`a start decides to ${decision}: ${name}`, () => {
    assert.equal(homeAccess({ mode, ownedByUser, entries }), decision);
  });
