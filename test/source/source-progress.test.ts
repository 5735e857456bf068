import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notReadyReason } from '../../source/channel-progress.ts';
import { SourceProgress } from '../../source/source-progress.ts';

const LIMITS = { timeoutMs: 2_000, longestLagMs: 5_000 };
const open = { channelId: 'c', version: 1n, status: 'OPEN', reader: 'reading' } as const;

/** A connected client with one channel, at a time that is moved by hand; its heartbeats go on. */
function stage() {
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

test('a channel that is idle, and is read, is not behind', () => {
  const { progress, later, channel, why } = stage();
  for (let n = 0; n < 10; n++) {
    later(4_000);
    progress.page('c', 0, true);
  }
  assert.equal(channel()?.lagMs, 0);
  later(60_000);
  assert.deepEqual([channel()?.lagMs, why()], [0, undefined], 'nobody said that it cannot be read');
});

test('a channel that cannot be read is behind since it could be, and not ready when that is too long', () => {
  const { progress, later, channel, why } = stage();
  later(1_000);
  progress.page('c', 0, true);
  later(3_000);
  progress.readFailed('c', 'no answer within 15000 ms');
  later(1_000);
  assert.deepEqual([channel()?.lagMs, why()], [4_000, undefined]);
  later(2_000);
  assert.equal(why(), 'channel c is 6000 ms behind, 5000 are allowed: no answer within 15000 ms');
  progress.page('c', 0, true);
  assert.deepEqual([channel()?.lagMs, why()], [0, undefined]);
});

test('a reader that fails twice is told with its last error, though the channel is given back meanwhile, until it reads again', () => {
  const { progress, later, channel, why } = stage();
  progress.channelFailed('c', 'first');
  assert.equal(why(), undefined);
  progress.setChannels([]);
  progress.setChannels([open]);
  // The page comes as always; what is in it cannot be decoded.
  progress.page('c', 5, false);
  progress.channelFailed('c', 'a record is broken');
  progress.setChannels([]);
  const expected = 'channel c fails, 2 times by now: a record is broken';
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

test('a channel that failed here and is another’s since a minute is forgotten', () => {
  const { progress, later, channel } = stage();
  progress.channelFailed('c', 'broken');
  later(59_000);
  progress.setChannels([]);
  assert.equal(channel()?.failures, 1);
  later(2_000);
  progress.setChannels([]);
  assert.equal(channel(), undefined);
});

test('base data is under way, and counts in no lag', () => {
  const { progress, channel, at } = stage();
  progress.page('c', 2, false);
  const end = progress.beginEvent('c', undefined);
  assert.deepEqual([channel()?.inFlight, channel()?.lagMs], [1, 0]);
  const other = progress.beginEvent('c', at() - 700);
  assert.deepEqual([channel()?.inFlight, channel()?.lagMs], [2, 700]);
  other();
  end();
  assert.deepEqual([channel()?.inFlight, channel()?.lagMs], [0, 700], 'more follows what was accepted last');
});

test('a channel that stands still says why', () => {
  const { progress, channel, why } = stage();
  const release = progress.markBlocked('c', 'answered 400: no such city');
  assert.equal(
    why(),
    'channel c stands still at an event that the sink will not have: answered 400: no such city',
  );
  assert.deepEqual([channel()?.held, channel()?.reason], [true, 'answered 400: no such city']);
  release();
  assert.deepEqual([why(), channel()?.held, channel()?.reason], [undefined, false, undefined]);
});

test('a client that is lost, or whose heartbeats fail, is told with the reason', () => {
  const { progress, later, why } = stage();
  progress.requestFailed('key local is not known');
  assert.equal(why(), undefined);
  progress.clientLost('no heartbeat for 2001 ms, 2000 are allowed: key local is not known');
  assert.equal(
    why(),
    'no client is connected to the tunnel: no heartbeat for 2001 ms, 2000 are allowed: key local is not known',
  );
  progress.connected('next');
  later(1);
  assert.equal(why(), undefined);
});
