import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStep, type Tries } from '../../source/next-step.ts';
import { posted } from '../../source/sink.ts';

const fresh = (): Tries => ({ refused: 0, unavailable: 0, suspect: 0 });
const refused = { outcome: 'refused', reason: 'answered 400' } as const;
const away = { outcome: 'unavailable', reason: 'answered 503' } as const;

test('an event is poison when it was refused as often as is allowed', () => {
  const state = fresh();
  const steps = Array.from({ length: 3 }, () =>
    nextStep(state, refused, { tries: 3, othersAccepted: false }),
  );
  assert.deepEqual(
    steps.map(({ setAside }) => setAside),
    [false, false, true],
  );
});

test('a sink that is away makes no event poison, however often it is tried', () => {
  const state = fresh();
  for (let n = 0; n < 1_000; n++)
    assert.equal(nextStep(state, away, { tries: 3, othersAccepted: false }).setAside, false);
});

test('an event that the sink answers with an error while it takes others is poison', () => {
  const state = fresh();
  const steps = Array.from({ length: 3 }, () => nextStep(state, away, { tries: 3, othersAccepted: true }));
  assert.deepEqual(
    steps.map(({ setAside }) => setAside),
    [false, false, true],
  );
});

test('waits grow to some seconds, and are never shorter than the sink asked for', () => {
  const state = fresh();
  const waits = Array.from(
    { length: 12 },
    () => nextStep(state, away, { tries: 3, othersAccepted: false }).waitMs,
  );
  assert.ok((waits[0] ?? 0) <= 125, `${waits[0]}`);
  assert.ok((waits[11] ?? 0) >= 11_000 && (waits[11] ?? 0) <= 19_000, `${waits[11]}`);
  const asked = nextStep(fresh(), { ...away, afterMs: 40_000 }, { tries: 3, othersAccepted: false });
  assert.equal(asked.waitMs, 40_000);
});

const answers: readonly (readonly [status: number, outcome: string])[] = [
  ...([200, 202, 204] as const).map((status) => [status, 'accepted'] as const),
  ...([400, 405, 413, 415, 422, 302] as const).map((status) => [status, 'refused'] as const),
  ...([401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504] as const).map(
    (status) => [status, 'unavailable'] as const,
  ),
];
for (const [status, outcome] of answers)
  test(`an answer ${status} means ${outcome}`, () => assert.equal(posted(status).outcome, outcome));

test('Retry-After is heeded up to a minute', () => {
  assert.deepEqual(posted(429, '7'), { outcome: 'unavailable', reason: 'answered 429', afterMs: 7_000 });
  assert.deepEqual(posted(503, '9999'), { outcome: 'unavailable', reason: 'answered 503', afterMs: 60_000 });
  assert.deepEqual(posted(503, 'tomorrow'), { outcome: 'unavailable', reason: 'answered 503' });
});
