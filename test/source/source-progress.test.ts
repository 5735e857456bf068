import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notReadyReason } from '../../source/channel-progress.ts';
import { SourceProgress } from '../../source/source-progress.ts';

const LIMITS = { timeoutMs: 2_000, longestLagMs: 5_000 };
const open = { channelId: 'c', version: 1n, status: 'OPEN', reader: 'reading' } as const;

/** A connected client with one channel. `later` moves the clock and records a heartbeat. */
function startProgress() {
  let now = 1_000_000;
  const progress = new SourceProgress(() => now);
  progress.connected('client');
  progress.setChannels([open]);
  return {
    progress,
    later(ms: number): void {
      now += ms;
      progress.heartbeat();
    },
    channel: () => progress.snapshot().channels.find(({ id }) => id === 'c'),
    why: () => notReadyReason(progress.snapshot(), LIMITS),
    at: () => now,
  };
}

test('an idle channel does not lag if its reads succeed', () => {
  const { progress, later, channel, why } = startProgress();
  for (let n = 0; n < 10; n++) {
    later(4_000);
    progress.page('c', 0, true);
  }
  assert.equal(channel()?.lagMs, 0);
  later(60_000);
  assert.deepEqual([channel()?.lagMs, why()], [0, undefined], 'no read has failed');
});

test('a channel that cannot be read lags since its last successful read, and makes the source not ready', () => {
  const { progress, later, channel, why } = startProgress();
  later(1_000);
  progress.page('c', 0, true);
  later(3_000);
  progress.readFailed('c', 'no answer within 15000 ms');
  later(1_000);
  assert.deepEqual([channel()?.lagMs, why()], [4_000, undefined]);
  later(2_000);
  assert.equal(why(), 'channel c lags 6000 ms, more than the allowed 5000 ms: no answer within 15000 ms');
  progress.page('c', 0, true);
  assert.deepEqual([channel()?.lagMs, why()], [0, undefined]);
});

test('after two failures the source is not ready until the channel works again, even if the channel was released and assigned again', () => {
  const { progress, later, channel, why } = startProgress();
  progress.channelFailed('c', 'first');
  assert.equal(why(), undefined);
  progress.setChannels([]);
  progress.setChannels([open]);
  // The page can be read, but its records cannot be decoded.
  progress.page('c', 5, false);
  progress.channelFailed('c', 'a record is broken');
  progress.setChannels([]);
  const expected = 'channel c has failed 2 times in a row: a record is broken';
  assert.equal(why(), expected);
  assert.deepEqual([channel()?.reader, channel()?.reason], ['failed', 'a record is broken']);
  progress.setChannels([open]);
  progress.page('c', 5, false);
  assert.equal(why(), expected);
  progress.checkpoint('c');
  assert.equal(why(), undefined);
  later(1);
  progress.setChannels([]);
  assert.equal(channel(), undefined);
});

test('a failed channel that this client no longer has is removed after one minute', () => {
  const { progress, later, channel } = startProgress();
  progress.channelFailed('c', 'broken');
  later(59_000);
  progress.setChannels([]);
  assert.equal(channel()?.failures, 1);
  later(2_000);
  progress.setChannels([]);
  assert.equal(channel(), undefined);
});

test('base data is in flight, but does not count in the lag', () => {
  const { progress, channel, at } = startProgress();
  progress.page('c', 2, false);
  const end = progress.beginEvent('c', undefined);
  assert.deepEqual([channel()?.inFlight, channel()?.lagMs], [1, 0]);
  const other = progress.beginEvent('c', at() - 700);
  assert.deepEqual([channel()?.inFlight, channel()?.lagMs], [2, 700]);
  other();
  end();
  assert.deepEqual(
    [channel()?.inFlight, channel()?.lagMs],
    [0, 700],
    'more records follow the last accepted one',
  );
});

test('a blocked channel has a reason', () => {
  const { progress, channel, why } = startProgress();
  const release = progress.markBlocked('c', 'answered 400: no such city');
  assert.equal(why(), 'channel c is blocked: no sink accepts one of its events: answered 400: no such city');
  assert.deepEqual([channel()?.held, channel()?.reason], [true, 'answered 400: no such city']);
  release();
  assert.deepEqual([why(), channel()?.held, channel()?.reason], [undefined, false, undefined]);
});

test('the source is not ready after its client is lost, and names the reason', () => {
  const { progress, later, why } = startProgress();
  progress.requestFailed('key local is not known');
  assert.equal(why(), undefined);
  progress.clientLost('no heartbeat for 2001 ms, more than the allowed 2000 ms: key local is not known');
  assert.equal(
    why(),
    'no client is connected to the tunnel: no heartbeat for 2001 ms, more than the allowed 2000 ms: key local is not known',
  );
  progress.connected('next');
  later(1);
  assert.equal(why(), undefined);
});

for (const [event, end] of [
  ['is lost', (progress) => progress.clientLost('no heartbeat for 2001 ms')],
  ['is replaced', (progress) => progress.connected('next')],
] as const satisfies readonly (readonly [string, (progress: SourceProgress) => void])[])
  test(`when the client ${event}, its channels are no longer shown, except those that have just failed`, () => {
    const { progress } = startProgress();
    progress.setChannels([open, { ...open, channelId: 'broken' }]);
    progress.channelFailed('broken', 'a record is broken');
    end(progress);
    assert.deepEqual(
      progress.snapshot().channels.map(({ id }) => id),
      ['broken'],
    );
  });
