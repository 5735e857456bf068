import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttemptCounts, decideRetry } from '../../source/failing-event-handler.ts';
import { type PostResult, toPostResult } from '../../source/sink-client.ts';

const newCounts = (): AttemptCounts => ({ refused: 0, unavailable: 0, unavailableAlone: 0 });
const refused = { outcome: 'refused', reason: 'answered 400' } as const;
const unavailable = { outcome: 'unavailable', reason: 'answered 503' } as const;

/**
 * The attempts of one event. `r`: rejected. `-`: the sink is unavailable. `+`: the sink is unavailable, but accepted
 * other events since the last attempt. `giveUps` has an `x` for each attempt after which the event is given up.
 */
const attemptSequences: readonly (readonly [tries: number, attempts: string, giveUps: string])[] = [
  [3, 'rrr', '..x'],
  [3, 'r-r-r', '....x'],
  [3, '-'.repeat(50), '.'.repeat(50)],
  [3, '-+++', '...x'],
  // An outage begins: the sink still accepts other events before the first two attempts, and none after them.
  [3, `++${'-'.repeat(50)}`, '.'.repeat(52)],
  [2, '-+-+-+-+', '.'.repeat(8)],
  [3, '++-++-+++', '........x'],
  [2, '+r+r', '...x'],
  [1, 'r', 'x'],
  [1, '----', '....'],
];
for (const [tries, attempts, giveUps] of attemptSequences)
  test(`SOURCE_TRIES=${tries}, attempts ${attempts.slice(0, 20)}: the event is given up at each x of ${giveUps.slice(0, 20)}`, () => {
    const state = newCounts();
    const steps = [...attempts].map((attempt) =>
      decideRetry(state, attempt === 'r' ? refused : unavailable, { tries, othersAccepted: attempt === '+' }),
    );
    assert.equal(steps.map(({ giveUp }) => (giveUp ? 'x' : '.')).join(''), giveUps);
  });

test('waits grow to at most 15 s including jitter, and are never shorter than Retry-After', () => {
  for (let run = 0; run < 50; run++) {
    const state = newCounts();
    const context = { tries: 3, othersAccepted: false };
    const waits = Array.from({ length: 12 }, () => decideRetry(state, unavailable, context).waitMs);
    assert.ok((waits[0] ?? 0) >= 75 && (waits[0] ?? 0) <= 125, `${waits[0]}`);
    assert.ok((waits[11] ?? 0) >= 11_000, `${waits[11]}`);
    assert.ok(Math.max(...waits) <= 15_000, `${waits}`);
  }
  const retryAfter = decideRetry(
    newCounts(),
    { ...unavailable, afterMs: 40_000 },
    { tries: 3, othersAccepted: false },
  );
  assert.equal(retryAfter.waitMs, 40_000);
});

const answers: readonly (readonly [status: number, outcome: string])[] = [
  ...([200, 202, 204] as const).map((status) => [status, 'accepted'] as const),
  ...([400, 405, 413, 415, 422, 302] as const).map((status) => [status, 'refused'] as const),
  ...([401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504] as const).map(
    (status) => [status, 'unavailable'] as const,
  ),
];
for (const [status, outcome] of answers)
  test(`status ${status} means ${outcome}`, () =>
    assert.equal(toPostResult({ status, retryAfter: undefined }).outcome, outcome));

for (const status of [413, 431])
  test(`status ${status} means that the event is too large`, () =>
    assert.deepEqual(toPostResult({ status, retryAfter: undefined }), {
      ...{ outcome: 'refused', reason: `answered ${status}`, tooLarge: true },
    }));

const NOW = Date.UTC(2026, 10, 22, 8, 0, 0);
const waits: readonly (readonly [retryAfter: string, afterMs: number | undefined])[] = [
  ['7', 7_000],
  ['0', 0],
  ['9999', 60_000],
  ['Sun, 22 Nov 2026 08:00:20 GMT', 20_000],
  ['Sunday, 22-Nov-26 08:00:20 GMT', 20_000],
  ['Sun Nov 22 08:00:20 2026', 20_000],
  ['Sun, 22 Nov 2026 09:00:00 GMT', 60_000],
  ['Sun, 22 Nov 2026 07:00:00 GMT', 0],
  ['tomorrow', undefined],
  ['-5', undefined],
  ['', undefined],
];
for (const [retryAfter, afterMs] of waits)
  test(`Retry-After ${JSON.stringify(retryAfter)} means a wait of ${afterMs} ms`, () => {
    const { outcome, reason, ...rest } = toPostResult(
      { status: 503, retryAfter },
      () => NOW,
    ) as PostResult & {
      reason: string;
    };
    assert.deepEqual([outcome, reason], ['unavailable', 'answered 503']);
    assert.deepEqual(rest, afterMs === undefined ? {} : { afterMs });
  });
