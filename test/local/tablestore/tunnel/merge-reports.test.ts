import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ChannelReport,
  mergeReports,
  releaseChannels,
} from '../../../../local/tablestore/tunnel/merge-reports.ts';
import { applyRequestedStatus } from '../../../../local/tablestore/tunnel/schedule-channels.ts';
import type { StoredChannel } from '../../../../local/tablestore/tunnel/tunnel-records.ts';
import { channel } from './channel.ts';

const shown = ({ status, version, owner }: StoredChannel): string => `${status} ${version} ${owner ?? '-'}`;

describe('a client’s report', () => {
  const open = channel({ status: 'OPEN', version: 4n, owner: 'X' });
  const closing = channel({ status: 'CLOSING', version: 5n, owner: 'X' });
  const cases: readonly [
    name: string,
    before: StoredChannel,
    says: [bigint, ChannelReport['status']],
    after: string,
  ][] = [
    ['changes nothing when it repeats what was said', open, [4n, 'OPEN'], 'OPEN 4 X'],
    ['of a higher version frees the channel', open, [5n, 'CLOSE'], 'CLOSE 5 -'],
    ['of an older version is not heard', closing, [4n, 'CLOSE'], 'CLOSING 5 X'],
    ['of a version that nobody can have got to is not heard', open, [2n ** 63n - 1n, 'CLOSE'], 'OPEN 4 X'],
    ['of the same version is not heard', closing, [5n, 'CLOSE'], 'CLOSING 5 X'],
    ['answers a hand-over', closing, [6n, 'CLOSE'], 'CLOSE 6 -'],
    [
      'ends a channel whose checkpoint says so',
      { ...open, checkpoint: 'finished' },
      [5n, 'TERMINATED'],
      'TERMINATED 5 -',
    ],
    ['does not end a channel without that checkpoint', open, [5n, 'TERMINATED'], 'CLOSE 5 -'],
    ['of another’s channel is not heard', { ...open, owner: 'Y' }, [9n, 'CLOSE'], 'OPEN 4 Y'],
    ['of a channel that nobody has is not heard', channel({ version: 4n }), [9n, 'OPEN'], 'CLOSE 4 -'],
  ];
  for (const [name, before, [version, status], after] of cases)
    test(name, () => {
      const [merged] = mergeReports([before], 'X', [{ channelId: 'c', version, status }]);
      assert.equal(merged && shown(merged), after);
    });

  test('that leaves a channel out changes nothing of it', () => {
    assert.deepEqual(mergeReports([open], 'X', []), [open]);
  });
});

test('what a client had is free when it is gone', () => {
  const channels = [channel({ status: 'OPEN', owner: 'X' }), channel({ status: 'CLOSING', owner: 'Y' })];
  assert.deepEqual(releaseChannels(channels, (id) => id === 'X').map(shown), ['CLOSE 0 -', 'CLOSING 0 Y']);
});

describe('an operator’s wish', () => {
  const open = channel({ status: 'OPEN', version: 4n, owner: 'X' });
  const cases: readonly [
    wish: 'CLOSING' | 'OPEN' | 'TERMINATED',
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
  for (const [wish, before, after, suspended] of cases)
    test(`${wish} makes ${shown(before)} ${after}`, () => {
      const wished = applyRequestedStatus(before, wish);
      assert.deepEqual([shown(wished), wished.suspended], [after, suspended]);
    });

  test('CLOSE is refused, since only a client can say it', () => {
    assert.throws(() => applyRequestedStatus(open, 'CLOSE'), { code: 'OTSParameterInvalid', status: 400 });
  });
});
