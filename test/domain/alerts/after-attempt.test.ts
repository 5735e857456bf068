import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttemptedMessage, afterAttempt } from '../../../domain/alerts/after-attempt.ts';
import type { SendResult } from '../../../domain/channels/send-result.ts';

const NOW = 1_000_000;
const MIDDLE = 0.5;
const problem = { code: 'x', meaning: { zh: '问题', en: 'a problem' } };
const result = (kind: Exclude<SendResult['kind'], 'sent' | 'throttled'>): SendResult => ({
  kind,
  ...problem,
});

const outcomeOf = (sent: SendResult, changes: Partial<AttemptedMessage> = {}) => {
  const message = { tries: 1, maybeDuplicate: false, now: NOW, until: NOW + 3_600_000, ...changes };
  return afterAttempt(sent, message, MIDDLE);
};

test('a confirmed message is sent', () => {
  assert.deepEqual(outcomeOf({ kind: 'sent' }), { status: 'sent' });
});

for (const kind of ['rejected', 'misconfigured', 'dead'] as const)
  test(`a message that is ${kind} fails at the first attempt, with its problem`, () => {
    assert.deepEqual(outcomeOf(result(kind)), { status: 'failed', problem });
  });

test('an attempt without an answer is repeated once, and the second time it is unknown', () => {
  assert.deepEqual(outcomeOf(result('ambiguous')), {
    ...{ status: 'claimed', retryAt: NOW + 5_000, problem, maybeDuplicate: true },
  });
  assert.deepEqual(outcomeOf(result('ambiguous'), { tries: 2, maybeDuplicate: true }), {
    ...{ status: 'unknown', problem },
  });
});

test('an attempt without an answer that cannot be repeated in time is unknown', () => {
  assert.equal(outcomeOf(result('ambiguous'), { until: NOW + 5_000 }).status, 'unknown');
  assert.equal(outcomeOf(result('ambiguous'), { until: NOW + 5_001 }).status, 'claimed');
});

test('retries wait 5, 10, 20 seconds and so on, at most 5 minutes', () => {
  const waits = [1, 2, 3, 7, 20].map((tries) => {
    const outcome = outcomeOf(result('retryable'), { tries });
    return outcome.status === 'claimed' ? outcome.retryAt - NOW : undefined;
  });
  assert.deepEqual(waits.slice(0, 3), [5_000, 10_000, 20_000]);
  assert.ok(waits.slice(3).every((wait) => wait !== undefined && wait > 200_000 && wait <= 300_000));
});

test('a message whose attempts are limited fails after the last one', () => {
  const limited: SendResult = { kind: 'retryable', maxTries: 3, ...problem };
  assert.equal(outcomeOf(limited, { tries: 2 }).status, 'claimed');
  assert.deepEqual(outcomeOf(limited, { tries: 3 }), { status: 'failed', problem });
  assert.equal(outcomeOf(limited, { tries: 3, maybeDuplicate: true }).status, 'unknown');
});

test('a throttled message waits as long as the vendor says', () => {
  const throttled: SendResult = { kind: 'throttled', afterMs: 600_000, ...problem };
  assert.deepEqual(outcomeOf(throttled), {
    ...{ status: 'claimed', retryAt: NOW + 600_000, problem, maybeDuplicate: false },
  });
  assert.deepEqual(outcomeOf(throttled, { until: NOW + 600_000 }), { status: 'expired', problem });
});

test('a message that cannot be sent in time is expired; if an attempt had no answer, it is unknown', () => {
  const late = { until: NOW + 5_000 };
  assert.deepEqual(outcomeOf(result('retryable'), late), { status: 'expired', problem });
  assert.deepEqual(outcomeOf(result('retryable'), { ...late, maybeDuplicate: true }), {
    ...{ status: 'unknown', problem },
  });
});

test('a receiver that asks for a short wait, or none, is asked again after five seconds', () => {
  for (const [afterMs, wait] of [
    [0, 5_000],
    [4_999, 5_000],
    [5_000, 5_000],
    [5_001, 5_001],
  ] as const) {
    const outcome = outcomeOf({ kind: 'throttled', afterMs, ...problem });
    assert.equal(outcome.status === 'claimed' && outcome.retryAt - NOW, wait, `${afterMs} ms`);
  }
});
