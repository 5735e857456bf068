import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertStore } from '../../../api/alerts/alert-store.ts';
import { requireNoSubscriptions } from '../../../api/alerts/channel-subscriptions.ts';
import { checkChannelFields } from '../../../api/alerts/check-channel.ts';

const base = { kind: 'webhook', url: 'https://example.com/hook' };

for (const [field, limit] of [
  ['url', 2_000],
  ['secret', 500],
  ['keyword', 100],
  ['name', 100],
] as const)
  test(`${field} may have ${limit} characters, and not ${limit + 1}`, () => {
    const problemsOf = (length: number) =>
      checkChannelFields({ ...base, [field]: 'x'.repeat(length) }, ['webhook']).problems;
    assert.deepEqual([problemsOf(1), problemsOf(limit)], [[], []]);
    for (const length of [0, limit + 1]) assert.equal(problemsOf(length)[0]?.name, field);
  });

for (const count of [999, 1_000, 1_001, 2_000])
  test(`the last of ${count} subscriptions keeps its channel from being deleted`, async () => {
    const rows = Array.from({ length: count }, (_, at) => ({
      key: { adcode: '110000', subscriptionId: `110000-${String(at).padStart(5, '0')}` },
      columns: { channelid: at === count - 1 ? 'mine' : 'other' },
    }));
    // Pages of a store, in the order of the keys.
    const readRows = async (
      _table: unknown,
      { after, limit }: { after?: { subscriptionId: string }; limit: number },
    ) => {
      const from =
        after === undefined
          ? 0
          : rows.findIndex(({ key }) => key.subscriptionId === after.subscriptionId) + 1;
      return rows.slice(from, from + limit);
    };
    const store = { readRows } as unknown as AlertStore;
    const { signal } = new AbortController();
    await assert.rejects(
      requireNoSubscriptions(store, 'mine', signal),
      /channel mine is used by 1 subscription;/,
    );
    await requireNoSubscriptions(store, 'unused', signal);
  });
