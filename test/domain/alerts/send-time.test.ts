import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendTime, spreadMs } from '../../../domain/alerts/send-time.ts';

const DUE = Date.parse('2026-12-01T12:00:00Z');
const UNTIL = DUE + 3 * 3_600_000;
const channels = Array.from({ length: 500 }, (_, number) => `channel-${number}`);

test('channels send at different times, from 5 to 90 seconds after the full hour', () => {
  const spreads = channels.map(spreadMs);
  assert.ok(spreads.every((spread) => spread >= 5_000 && spread < 90_000));
  assert.ok(new Set(spreads).size > 480);
  // Each tenth of the time has some of the channels.
  const tenths = new Set(spreads.map((spread) => Math.floor((spread - 5_000) / 8_500)));
  assert.equal(tenths.size, 10);
});

test('a row that is written in time is sent with the spread of its channel', () => {
  for (const channelId of channels.slice(0, 20)) {
    const at = sendTime({ channelId, kind: 'first', dueAt: DUE, createdAt: DUE + 100, until: UNTIL });
    assert.equal(at, DUE + spreadMs(channelId));
  }
});

test('rows that are written until two seconds before the usual time are sent at that time, later ones up to 30 seconds later', () => {
  const channelId = 'channel-1';
  const usual = DUE + spreadMs(channelId);
  const timeOf = (createdAt: number) =>
    sendTime({ channelId, kind: 'first', dueAt: DUE, createdAt, until: UNTIL });
  assert.equal(timeOf(usual - 2_000), usual);
  const later = timeOf(usual - 1_999);
  assert.ok(later > usual && later <= usual + 32_000);
  assert.equal(later % 30_000, 0);
});

test('late rows of a channel that are written within 30 seconds are sent together', () => {
  const late = DUE + 90 * 60_000;
  const timeOf = (createdAt: number) =>
    sendTime({ channelId: 'a', kind: 'first', dueAt: DUE, createdAt, until: UNTIL });
  assert.equal(timeOf(late), late + 30_000);
  assert.equal(timeOf(late + 28_000), late + 30_000);
  assert.equal(timeOf(late + 28_001), late + 60_000);
});

test('corrections are collected, texts that somebody waits for are not', () => {
  const about = { channelId: 'a', dueAt: DUE, createdAt: DUE, until: UNTIL };
  assert.equal(sendTime({ ...about, kind: 'correction' }), DUE + 30_000);
  assert.equal(sendTime({ ...about, kind: 'text' }), DUE);
});

test('a row that may be sent only for a short time waits at most half of this time', () => {
  const about = { kind: 'first', dueAt: DUE, until: DUE + 60_000 } as const;
  for (const channelId of channels) {
    const at = sendTime({ ...about, channelId, createdAt: DUE + 100 });
    assert.equal(at, DUE + Math.min(spreadMs(channelId), 30_000));
  }
  const late = { channelId: 'a', createdAt: DUE + 50_001 };
  assert.equal(sendTime({ ...about, ...late }), DUE + 55_000);
  assert.equal(sendTime({ ...about, ...late, kind: 'correction' }), DUE + 55_000);
});
