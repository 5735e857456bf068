import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Claim,
  type ClaimDecision,
  claimKey,
  claimPrefixes,
  decideClaim,
  foldersOf,
  mergeFolders,
  pathsAbove,
} from '../../../domain/unzip/claim.ts';

const claim = (key: string, runId: string, change: Partial<Claim> = {}): Claim => ({
  ...{ key, runId, etag: 'E', workflowId: `run ${runId}`, workflow: 'unzipObject', folders: [] },
  ...change,
});

const ofUnzipArchive: Partial<Claim> = { workflow: 'unzipArchive' };

const decisions: readonly (readonly [
  name: string,
  own: Claim,
  others: readonly Claim[],
  verdict: ClaimDecision['verdict'],
])[] = [
  ['no other run', claim('zip/p.zip', '5'), [], 'go'],
  ['a run for another destination', claim('zip/p.zip', '5'), [claim('zip/pq.zip', '1')], 'go'],
  [
    'a run for the same archive that has a smaller id',
    claim('zip/p.zip', '5'),
    [claim('zip/p.zip', '1')],
    'withdraw',
  ],
  [
    'a run for the same archive that has a larger id',
    claim('zip/p.zip', '5'),
    [claim('zip/p.zip', '9')],
    'wait',
  ],
  [
    'a run whose key differs only in case, and whose id is smaller',
    claim('zip/p.zip', '5'),
    [claim('zip/p.ZIP', '1')],
    'taken',
  ],
  [
    'a run whose key differs only in case, and whose id is larger',
    claim('zip/p.zip', '5'),
    [claim('zip/p.ZIP', '9')],
    'wait',
  ],
  [
    'a run of unzipArchive for the same archive, which has a larger id',
    claim('zip/p.zip', '5'),
    [claim('zip/p.zip', '9', ofUnzipArchive)],
    'withdraw',
  ],
  [
    'a run of unzipObject for the same archive, if the claim is of unzipArchive',
    claim('zip/p.zip', '5', ofUnzipArchive),
    [claim('zip/p.zip', '1')],
    'wait',
  ],
  [
    'a run for p/q.zip, if p.zip writes files into q/',
    claim('zip/p.zip', '5', { folders: ['q'] }),
    [claim('zip/p/q.zip', '1')],
    'taken',
  ],
  [
    'a run for p/q.zip, if p.zip writes files into q/r/',
    claim('zip/p.zip', '5', { folders: ['q/r'] }),
    [claim('zip/p/q.zip', '1')],
    'taken',
  ],
  [
    'a run for p/q.zip, if p.zip writes no files into q/',
    claim('zip/p.zip', '5', { folders: ['qq', 'x/q'] }),
    [claim('zip/p/q.zip', '1')],
    'go',
  ],
  [
    'a run for p/q.zip, if p.zip has too many folders to list',
    claim('zip/p.zip', '5', { folders: null }),
    [claim('zip/p/q.zip', '1')],
    'taken',
  ],
  [
    'a run for another destination, if p.zip has too many folders to list',
    claim('zip/p.zip', '5', { folders: null }),
    [claim('zip/z.zip', '1')],
    'go',
  ],
  [
    'a run for another destination whose name ends like a folder of p.zip',
    claim('zip/p.zip', '5', { folders: ['q'] }),
    [claim('zip/abq.zip', '1')],
    'go',
  ],
  [
    'a run for p.zip that writes into the destination of p/q.zip',
    claim('zip/p/q.zip', '5'),
    [claim('zip/p.zip', '1', { folders: ['q'] })],
    'taken',
  ],
  [
    'a run for p.zip that has a larger id and writes into the destination of p/q.zip',
    claim('zip/p/q.zip', '5'),
    [claim('zip/p.zip', '9', { folders: ['q'] })],
    'wait',
  ],
  [
    'a run for p.zip that does not write into the destination of p/q.zip',
    claim('zip/p/q.zip', '5'),
    [claim('zip/p.zip', '1')],
    'go',
  ],
  [
    'a run for the same archive that has a larger id, and a run for p.zip that has a smaller id',
    claim('zip/p/q.zip', '5'),
    [claim('zip/p/q.zip', '9'), claim('zip/p.zip', '1', { folders: ['q'] })],
    'taken',
  ],
];
for (const [name, own, others, verdict] of decisions) {
  test(`a claim gets the verdict "${verdict}" with ${name}`, () =>
    assert.equal(decideClaim(own, others).verdict, verdict));
}

test('if two runs conflict and see each other, exactly one run waits, and the other run gives up', () => {
  for (const [, own, others] of decisions) {
    for (const other of others) {
      const verdicts = [decideClaim(own, [other]).verdict, decideClaim(other, [own]).verdict];
      const areFree = verdicts.every((verdict) => verdict === 'go');
      const waiting = verdicts.filter((verdict) => verdict === 'wait').length;
      assert.ok(areFree || (waiting === 1 && !verdicts.includes('go')), verdicts.join());
    }
  }
});

test('the claims for a destination and for the destinations below it have the prefixes under which they are searched', () => {
  assert.ok(claimKey('p', '1').startsWith(claimPrefixes('p').own));
  assert.ok(claimKey('p/q', '1').startsWith(claimPrefixes('p').below));
  assert.ok(!claimKey('pq', '1').startsWith(claimPrefixes('p').below));
});

test('the key of a claim has at most 1,023 bytes, however long the path of the archive is', () => {
  const uuid = '0'.repeat(36);
  for (const letter of ['a', '字', '😀']) {
    const longest = letter.repeat(Math.floor(1_004 / Buffer.byteLength(letter)));
    const others = `${longest.slice(0, -2)}zz`;
    assert.ok(Buffer.byteLength(claimKey(longest, uuid)) <= 1_023);
    assert.notEqual(claimKey(longest, uuid), claimKey(others, uuid));
  }
});

test('returns each folder with files once, or null if there are more than 2,000 folders', () => {
  assert.deepEqual(foldersOf(['a', 'b/c', 'b/d', 'e/f/g']), ['b', 'e/f']);
  const paths = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}/x`);
  assert.equal(foldersOf(paths(2_000))?.length, 2_000);
  assert.equal(foldersOf(paths(2_001)), null);
});

test('returns null if the folders together have more than 131,072 characters', () => {
  const paths = (...lengths: number[]) => lengths.map((length, at) => `${`${at}`.padEnd(length, 'f')}/x`);
  assert.equal(foldersOf(paths(131_000, 72))?.length, 2);
  assert.equal(foldersOf(paths(131_000, 73)), null);
  assert.equal(foldersOf([...paths(131_000, 72), ...paths(131_000, 72)])?.length, 2, 'a folder counts once');
});

test('returns the paths of all folders above a path', () => {
  assert.deepEqual(pathsAbove('a'), []);
  assert.deepEqual(pathsAbove('a/b/c'), ['a', 'a/b']);
});

test('two lists of folders become one without repetitions, and null above 2,000 folders', () => {
  const many = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
  assert.deepEqual(mergeFolders(['a', 'b'], ['b', 'c']), ['a', 'b', 'c']);
  assert.equal(mergeFolders(many('a', 1_000), many('b', 1_000))?.length, 2_000);
  assert.equal(mergeFolders(many('a', 1_000), many('b', 1_001)), null);
  assert.deepEqual(mergeFolders(['a'.repeat(65_536)], ['b'.repeat(65_536)])?.length, 2);
  assert.equal(mergeFolders(['a'.repeat(65_536)], ['b'.repeat(65_537)]), null);
  assert.equal(mergeFolders(null, ['a']), null);
  assert.equal(mergeFolders(['a'], null), null);
});
