import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assignChannels } from '../../../../local/tablestore/tunnel/assign-channels.ts';
import { isOpenable, stageOf } from '../../../../local/tablestore/tunnel/channel-rules.ts';
import type { StoredChannel } from '../../../../local/tablestore/tunnel/tunnel-records.ts';
import { channel } from './channel.ts';

/** Reads stream channels: `id:owner` is OPEN, `id:owner!` is CLOSING, `id` has no owner. */
const parseChannels = (text: string): StoredChannel[] =>
  text.split(' ').map((word, index) => {
    const [, id = '', owner, closing] = /^(\w+)(?::(\w+)(!?))?$/.exec(word) ?? [];
    const status = owner === undefined ? 'CLOSE' : closing === '!' ? 'CLOSING' : 'OPEN';
    return channel({ id, index, owner, status });
  });

const formatChannels = (channels: readonly StoredChannel[]): string =>
  channels
    .map(
      ({ id, owner, status }) =>
        `${id}${owner === undefined ? '' : `:${owner}`}${status === 'CLOSING' ? '!' : ''}`,
    )
    .join(' ');

describe('assignment', () => {
  const cases: readonly [name: string, clients: string, before: string, after: string][] = [
    ['assigns nothing without clients', '', 'a b', 'a b'],
    ['assigns everything to one client', 'X', 'a b c', 'a:X b:X c:X'],
    ['assigns channels to clients in turn', 'X Y', 'a b c d', 'a:X b:Y c:X d:Y'],
    ['assigns nothing to a late client if the first has only one channel more', 'X Y', 'a:X', 'a:X'],
    ['takes half of the channels for a second client', 'X Y', 'a:X b:X c:X d:X', 'a:X b:X c:X! d:X!'],
    ['takes no more while channels are closing', 'X Y', 'a:X b:X c:X! d:X!', 'a:X b:X c:X! d:X!'],
    ['assigns channels that were reported CLOSE', 'X Y', 'a:X b:X c d:X!', 'a:X b:X c:Y d:X!'],
    [
      'assigns released channels to the first client if there is no other',
      'X',
      'a:X b:X c d',
      'a:X b:X c:X d:X',
    ],
    [
      'takes channels from both others for a third client',
      'X Y Z',
      'a:X b:X c:X d:Y e:Y f:Y',
      'a:X b:X c:X! d:Y e:Y f:Y!',
    ],
    ['gives every client a channel if there are enough', 'X Y Z', 'a:X b:X c:Y d:Y', 'a:X b:X c:Y d:Y!'],
  ];
  for (const [name, clients, before, after] of cases)
    test(name, () => {
      assert.equal(
        formatChannels(assignChannels(parseChannels(before), clients.split(' ').filter(Boolean))),
        after,
      );
    });

  test('increments the version of a channel with every change', () => {
    const [assigned] = assignChannels([channel({ version: 6n, status: 'CLOSE' })], ['X']);
    assert.deepEqual([assigned?.status, assigned?.version], ['OPEN', 7n]);
    const [kept, moved] = assignChannels(parseChannels('a:X b:X'), ['X', 'Y']);
    assert.deepEqual([kept?.version, moved?.version, moved?.status], [0n, 1n, 'CLOSING']);
  });

  test('ends with numbers of channels per client that differ by at most one, from any initial assignment', () => {
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

describe('a channel can be assigned', () => {
  const base = channel({ id: 'base', kind: 'BaseData' });
  const parent = channel({ id: 'parent' });
  const child = channel({ id: 'child', parent: 'parent' });
  const terminated = (one: StoredChannel): StoredChannel => ({ ...one, status: 'TERMINATED' });
  const cases: readonly [name: string, which: StoredChannel, others: StoredChannel[], expected: boolean][] = [
    ['if it is base data', base, [parent], true],
    ['not if it has ended', terminated(base), [], false],
    ['not if an operator suspended it', { ...base, suspended: true }, [], false],
    ['not before the base data has ended', parent, [base], false],
    ['if the base data has ended', parent, [terminated(base)], true],
    ['not before its parent has ended', child, [parent], false],
    ['if its parent has ended', child, [terminated(parent)], true],
    ['if its parent is not in the tunnel', child, [], true],
  ];
  for (const [name, which, others, expected] of cases)
    test(name, () => assert.equal(isOpenable(which, [which, ...others]), expected));
});

test('reports the stage of a tunnel with the service’s names', () => {
  const base = channel({ kind: 'BaseData' });
  assert.equal(stageOf('BaseAndStream', []), 'InitBaseDataAndStreamShard');
  assert.equal(stageOf('BaseAndStream', [base, channel({ id: 's' })]), 'ProcessBaseData');
  assert.equal(stageOf('BaseData', [{ ...base, status: 'TERMINATED' }]), 'ProcessStream');
  assert.equal(stageOf('Stream', [channel({})]), 'ProcessStream');
});
