import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ChannelReport,
  type ChannelStatus,
  mergeChannelReports,
  nextReport,
  type ReaderAction,
  type ReaderState,
  readerActionFor,
} from '../../../ots/tunnel/channel-states.ts';

const channel = (status: ChannelStatus, version = 5n): ChannelReport => ({ channelId: 'c', version, status });

const table: readonly [
  status: ChannelStatus,
  reader: ReaderState,
  action: ReaderAction,
  expectedReport: `${ChannelStatus} ${number}`,
][] = [
  ['OPEN', 'none', 'start', 'OPEN 5'],
  ['OPEN', 'reading', 'nothing', 'OPEN 5'],
  ['OPEN', 'stopped', 'nothing', 'CLOSE 6'],
  ['OPEN', 'failed', 'nothing', 'CLOSE 6'],
  ['OPEN', 'finished', 'nothing', 'TERMINATED 6'],
  ['CLOSING', 'none', 'nothing', 'CLOSE 6'],
  ['CLOSING', 'reading', 'drain', 'CLOSING 5'],
  ['CLOSING', 'stopped', 'nothing', 'CLOSE 6'],
  ['CLOSING', 'failed', 'nothing', 'CLOSE 6'],
  ['CLOSING', 'finished', 'nothing', 'TERMINATED 6'],
  ['CLOSE', 'none', 'nothing', 'CLOSE 5'],
  ['CLOSE', 'reading', 'abandon', 'CLOSE 5'],
  ['CLOSE', 'stopped', 'nothing', 'CLOSE 5'],
  ['TERMINATED', 'none', 'nothing', 'TERMINATED 5'],
  ['TERMINATED', 'reading', 'abandon', 'TERMINATED 5'],
];
for (const [status, reader, action, expectedReport] of table)
  test(`an ${status} channel with a reader in state ${reader}: action ${action}, report ${expectedReport}`, () => {
    assert.equal(readerActionFor(channel(status), reader), action);
    const report = nextReport(channel(status), reader);
    assert.equal(`${report.status} ${report.version}`, expectedReport);
  });

test('the higher version of a channel wins, and channels that the answer does not name are removed', () => {
  const known = new Map([
    ['known is newer', { channelId: 'known is newer', version: 7n, status: 'CLOSE' as const }],
    ['same', { channelId: 'same', version: 3n, status: 'OPEN' as const }],
    ['gone', { channelId: 'gone', version: 9n, status: 'OPEN' as const }],
  ]);
  const answered: ChannelReport[] = [
    { channelId: 'known is newer', version: 6n, status: 'OPEN' },
    { channelId: 'same', version: 3n, status: 'CLOSING' },
    { channelId: 'new', version: 1n, status: 'OPEN' },
  ];
  assert.deepEqual(
    [...mergeChannelReports(known, answered).values()].map(
      ({ channelId, version, status }) => `${channelId} ${version} ${status}`,
    ),
    ['known is newer 7 CLOSE', 'same 3 CLOSING', 'new 1 OPEN'],
  );
});
