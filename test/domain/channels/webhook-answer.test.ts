import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWebhookAnswer } from '../../../domain/channels/webhook-answer.ts';

const statuses: readonly (readonly [
  status: number,
  retryAfterMs: number | undefined,
  kind: string,
  afterMs?: number,
])[] = [
  [199, undefined, 'rejected'],
  [200, undefined, 'sent'],
  [204, undefined, 'sent'],
  [299, undefined, 'sent'],
  [300, undefined, 'misconfigured'],
  [302, undefined, 'misconfigured'],
  [399, undefined, 'misconfigured'],
  [400, undefined, 'rejected'],
  [401, undefined, 'rejected'],
  [404, undefined, 'rejected'],
  [408, undefined, 'retryable'],
  [410, undefined, 'dead'],
  [425, undefined, 'retryable'],
  [429, undefined, 'throttled', 30_000],
  [429, 5_000, 'throttled', 5_000],
  [499, undefined, 'rejected'],
  [500, undefined, 'retryable'],
  [500, 5_000, 'retryable'],
  [502, undefined, 'throttled', 30_000],
  [503, undefined, 'retryable'],
  [503, 7_000, 'throttled', 7_000],
  [504, 0, 'throttled', 0],
  [599, undefined, 'retryable'],
];
for (const [status, retryAfterMs, kind, afterMs] of statuses)
  test(`a webhook's status ${status}${retryAfterMs === undefined ? '' : ` with Retry-After of ${retryAfterMs} ms`} means ${kind}`, () => {
    const result = readWebhookAnswer(status, retryAfterMs);
    assert.equal(result.kind, kind);
    assert.equal('afterMs' in result ? result.afterMs : undefined, afterMs);
    if (!('meaning' in result)) return;
    assert.equal(result.code, `http-${status}`);
    assert.match(result.meaning.zh, /[一-鿿]/u);
    assert.match(result.meaning.en, new RegExp(String(status)));
  });
