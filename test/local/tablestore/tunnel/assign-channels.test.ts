import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assignChannels } from '../../../../local/tablestore/tunnel/assign-channels.ts';
import { isOpenable, stageOf } from '../../../../local/tablestore/tunnel/channel-rules.ts';
import type { StoredChannel } from '../../../../local/tablestore/tunnel/tunnel-records.ts';
import { channel } from './channel.ts';

/** `id:owner` for OPEN, `id:owner!` for CLOSING, `id` for what nobody has; all of a stream. */
const read = (text: string): StoredChannel[] =>
  text.split(' ').map((word, index) => {
    const [, id = '', owner, closing] = /^(\w+)(?::(\w+)(!?))?$/.exec(word) ?? [];
    const status = owner === undefined ? 'CLOSE' : closing === '!' ? 'CLOSING' : 'OPEN';
    return channel({ id, index, owner, status });
  });

const write = (channels: readonly StoredChannel[]): string =>
  channels
    .map(
      ({ id, owner, status }) =>
        `${id}${owner === undefined ? '' : `:${owner}`}${status === 'CLOSING' ? '!' : ''}`,
    )
    .join(' ');

describe('assignment', () => {
  const cases: readonly [name: string, clients: string, before: string, after: string][] = [
    ['leaves everything when nobody is there', '', 'a b', 'a b'],
    ['gives one client everything', 'X', 'a b c', 'a:X b:X c:X'],
    ['deals to clients in turn', 'X Y', 'a b c d', 'a:X b:Y c:X d:Y'],
    ['gives a late client nothing while the first has but one more', 'X Y', 'a:X', 'a:X'],
    ['takes half back for a second client', 'X Y', 'a:X b:X c:X d:X', 'a:X b:X c:X! d:X!'],
    ['takes no more while what it took is on its way', 'X Y', 'a:X b:X c:X! d:X!', 'a:X b:X c:X! d:X!'],
    ['hands over what was reported CLOSE', 'X Y', 'a:X b:X c d:X!', 'a:X b:X c:Y d:X!'],
    ['gives the first one back what nobody else is there for', 'X', 'a:X b:X c d', 'a:X b:X c:X d:X'],
    [
      'serves a third client from both others',
      'X Y Z',
      'a:X b:X c:X d:Y e:Y f:Y',
      'a:X b:X c:X! d:Y e:Y f:Y!',
    ],
    ['leaves nobody without when there is enough', 'X Y Z', 'a:X b:X c:Y d:Y', 'a:X b:X c:Y d:Y!'],
  ];
  for (const [name, clients, before, after] of cases)
    test(name, () => {
      assert.equal(write(assignChannels(read(before), clients.split(' ').filter(Boolean))), after);
    });

  test('counts a channel’s version up whenever it says something new', () => {
    const [given] = assignChannels([channel({ version: 6n, status: 'CLOSE' })], ['X']);
    assert.deepEqual([given?.status, given?.version], ['OPEN', 7n]);
    const [kept, taken] = assignChannels(read('a:X b:X'), ['X', 'Y']);
    assert.deepEqual([kept?.version, taken?.version, taken?.status], [0n, 1n, 'CLOSING']);
  });

  test('ends with nobody two above another, whatever the start', () => {
    for (let seed = 0; seed < 300; seed++) {
      const clients = ['X', 'Y', 'Z', 'V'].slice(0, 1 + (seed % 4));
      let channels: readonly StoredChannel[] = Array.from({ length: seed % 9 }, (_, index) =>
        channel({
          id: `c${index}`,
          index,
          status: 'OPEN',
          owner: clients[(seed * 7 + index * index) % clients.length],
        }),
      );
      for (let round = 0; round < 3; round++) {
        channels = assignChannels(channels, clients).map((each) =>
          each.status === 'CLOSING' ? { ...each, status: 'CLOSE', owner: undefined } : each,
        );
      }
      const counts = clients.map((client) => channels.filter(({ owner }) => owner === client).length);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        channels.length,
        `seed ${seed}`,
      );
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `seed ${seed}: ${counts}`);
    }
  });
});

describe('a channel may be given', () => {
  const base = channel({ id: 'base', kind: 'BaseData' });
  const parent = channel({ id: 'parent' });
  const child = channel({ id: 'child', parent: 'parent' });
  const done = (one: StoredChannel): StoredChannel => ({ ...one, status: 'TERMINATED' });
  const cases: readonly [name: string, which: StoredChannel, others: StoredChannel[], expected: boolean][] = [
    ['when it is base data', base, [parent], true],
    ['not when it has ended', done(base), [], false],
    ['not when an operator suspended it', { ...base, suspended: true }, [], false],
    ['not before the base data has ended', parent, [base], false],
    ['when the base data has ended', parent, [done(base)], true],
    ['not before what it continues has ended', child, [parent], false],
    ['when what it continues has ended', child, [done(parent)], true],
    ['when what it continues is not of the tunnel', child, [], true],
  ];
  for (const [name, which, others, expected] of cases)
    test(name, () => assert.equal(isOpenable(which, [which, ...others]), expected));
});

test('a tunnel says where it stands in the service’s words', () => {
  const base = channel({ kind: 'BaseData' });
  assert.equal(stageOf('BaseAndStream', []), 'InitBaseDataAndStreamShard');
  assert.equal(stageOf('BaseAndStream', [base, channel({ id: 's' })]), 'ProcessBaseData');
  assert.equal(stageOf('BaseData', [{ ...base, status: 'TERMINATED' }]), 'ProcessStream');
  assert.equal(stageOf('Stream', [channel({})]), 'ProcessStream');
});
