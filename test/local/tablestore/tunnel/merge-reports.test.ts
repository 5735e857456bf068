import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ChannelReport,
  mergeReports,
  releaseChannels,
} from '../../../../local/tablestore/tunnel/merge-reports.ts';
import { applyRequestedStatus } from '../../../../local/tablestore/tunnel/set-channel-status.ts';
import type { StoredChannel } from '../../../../local/tablestore/tunnel/tunnel-records.ts';
import { channel } from './channel.ts';

const shown = ({ status, version, owner }: StoredChannel): string => `${status} ${version} ${owner ?? '-'}`;

describe('a client’s report', () => {
  const open = channel({ status: 'OPEN', version: 4n, owner: 'X' });
  const closing = channel({ status: 'CLOSING', version: 5n, owner: 'X' });
  const cases: readonly [
    name: string,
    before: StoredChannel,
    report: [bigint, ChannelReport['status']],
    after: string,
  ][] = [
    ['changes nothing if it repeats the stored state', open, [4n, 'OPEN'], 'OPEN 4 X'],
    ['with a higher version releases the channel', open, [5n, 'CLOSE'], 'CLOSE 5 -'],
    ['with an older version is ignored', closing, [4n, 'CLOSE'], 'CLOSING 5 X'],
    ['with an impossible version is ignored', open, [2n ** 63n - 1n, 'CLOSE'], 'OPEN 4 X'],
    ['with the same version is ignored', closing, [5n, 'CLOSE'], 'CLOSING 5 X'],
    ['completes a hand-over', closing, [6n, 'CLOSE'], 'CLOSE 6 -'],
    [
      'ends a channel whose checkpoint is FINISHED',
      { ...open, checkpoint: 'finished' },
      [5n, 'TERMINATED'],
      'TERMINATED 5 -',
    ],
    ['does not end a channel without a FINISHED checkpoint', open, [5n, 'TERMINATED'], 'CLOSE 5 -'],
    ['about another client’s channel is ignored', { ...open, owner: 'Y' }, [9n, 'CLOSE'], 'OPEN 4 Y'],
    ['about a channel without an owner is ignored', channel({ version: 4n }), [9n, 'OPEN'], 'CLOSE 4 -'],
  ];
  for (const [name, before, [version, status], after] of cases)
    test(name, () => {
      const [merged] = mergeReports([before], 'X', [{ channelId: 'c', version, status }]);
      assert.equal(merged && shown(merged), after);
    });

  test('does not change channels that it omits', () => {
    assert.deepEqual(mergeReports([open], 'X', []), [open]);
  });
});

test('releases the channels of a disconnected client', () => {
  const channels = [channel({ status: 'OPEN', owner: 'X' }), channel({ status: 'CLOSING', owner: 'Y' })];
  assert.deepEqual(releaseChannels(channels, (id) => id === 'X').map(shown), ['CLOSE 0 -', 'CLOSING 0 Y']);
});

describe('the status that an operator requests', () => {
  const open = channel({ status: 'OPEN', version: 4n, owner: 'X' });
  const cases: readonly [
    requested: 'CLOSING' | 'OPEN' | 'TERMINATED',
    before: StoredChannel,
    after: string,
    suspended: boolean,
  ][] = [
    ['CLOSING', open, 'CLOSING 5 X', true],
    ['CLOSING', channel({ status: 'WAIT' }), 'WAIT 0 -', true],
    ['TERMINATED', open, 'TERMINATED 5 -', false],
    ['OPEN', channel({ suspended: true }), 'CLOSE 0 -', false],
    ['OPEN', channel({ status: 'TERMINATED', version: 5n }), 'CLOSE 6 -', false],
  ];
  for (const [requested, before, after, suspended] of cases)
    test(`${requested} changes ${shown(before)} to ${after}`, () => {
      const changed = applyRequestedStatus(before, requested);
      assert.deepEqual([shown(changed), changed.suspended], [after, suspended]);
    });

  test('CLOSE gets an error, because only a client can report it', () => {
    assert.throws(() => applyRequestedStatus(open, 'CLOSE'), { code: 'OTSParameterInvalid', status: 400 });
  });
});
