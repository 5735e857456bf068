import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { removeDeleted, subscriptionPages } from '../../../activities/alerts/subscriptions.ts';
import { subscriptionsTable } from '../../../ports/alert-tables.ts';
import { startLocalStore } from '../../support/local-store.ts';

const ADCODE = '110000';
const CHOSEN = {
  ...{ condition: { v: 1, any: [{ cat: 'rain' }] }, at: '20:00', tz: 'Asia/Shanghai', mode: 'alert' },
  ...{ holidays: 'keep', lateWindow: 'PT3H', correction: true, locale: 'zh' },
};
const { signal } = new AbortController();

async function startStore(t: TestContext) {
  const { store, stop } = await startLocalStore();
  t.after(stop);
  const warnings: object[] = [];
  const log = { warn: (about: object) => void warnings.push(about) };
  const pages = async () => {
    const found = [];
    for await (const page of subscriptionPages({ store, log }, ADCODE, signal)) found.push(page);
    return found;
  };
  const put = (subscriptionId: string, document: string, columns: object = {}, adcode = ADCODE) =>
    store.put(
      subscriptionsTable,
      { adcode, subscriptionId },
      { channelid: 'c', document, createdat: 5n, ...columns },
    );
  return { store, warnings, pages, put };
}

test('a page has what a subscriber chose, and the state of the subscription', async (t) => {
  const { pages, put } = await startStore(t);
  await put('a', JSON.stringify(CHOSEN));
  await put('b', JSON.stringify({ ...CHOSEN, text: 'original', locale: 'en', lateWindow: 'PT45M' }), {
    ...{ movedat: 9n, changedat: 10n, paused: true, muteduntil: 77n, deletedat: 8n },
  });
  await put('other', JSON.stringify(CHOSEN), {}, '310000');
  const settings = {
    ...{ condition: { v: 1, any: [{ cat: 'rain' }] }, at: '20:00', tz: 'Asia/Shanghai', mode: 'alert' },
    ...{ holidays: 'keep', correction: true, lateWindowMs: 10_800_000 },
    ...{ createdAt: 5, changedAt: 5, paused: false, deletedAt: undefined, mutedUntil: undefined },
  };
  assert.deepEqual(await pages(), [
    [
      { subscriptionId: 'a', channelId: 'c', locale: 'zh', text: undefined, settings },
      {
        ...{ subscriptionId: 'b', channelId: 'c', locale: 'en', text: 'original' },
        settings: {
          ...{ ...settings, lateWindowMs: 2_700_000 },
          ...{ createdAt: 9, changedAt: 10, paused: true, deletedAt: 8, mutedUntil: 77 },
        },
      },
    ],
  ]);
});

test('a subscription that cannot be read is left out and logged, and does not hold back the others', async (t) => {
  const { store, warnings, pages, put } = await startStore(t);
  const broken = {
    cut: JSON.stringify(CHOSEN).slice(0, -1),
    number: '7',
    'no time': JSON.stringify({ ...CHOSEN, at: undefined }),
    time: JSON.stringify({ ...CHOSEN, at: '24:00' }),
    window: JSON.stringify({ ...CHOSEN, lateWindow: 'three hours' }),
    zone: JSON.stringify({ ...CHOSEN, tz: 'Mars/Olympus' }),
  };
  await put('first', JSON.stringify(CHOSEN));
  for (const [id, document] of Object.entries(broken)) await put(id, document);
  await put('last', JSON.stringify(CHOSEN), { createdat: 6n });
  // A row of another program.
  await store.put(subscriptionsTable, { adcode: ADCODE, subscriptionId: 'row' }, { createdat: 1n });
  const [page = []] = await pages();
  const read = page.map(({ subscriptionId, settings }) => `${subscriptionId} ${settings.createdAt}`);
  assert.deepEqual(read, ['first 5', 'last 6']);
  assert.deepEqual(
    warnings,
    Object.keys(broken)
      .sort()
      .map((subscriptionId) => ({ subscriptionId })),
  );
});

test('pages have 500 subscriptions each', async (t) => {
  const { store, pages } = await startStore(t);
  const document = JSON.stringify(CHOSEN);
  const ids = Array.from({ length: 1_001 }, (_, number) => String(number).padStart(4, '0'));
  await store.writeMany(
    subscriptionsTable,
    ids.map((subscriptionId) => ({
      ...{ key: { adcode: ADCODE, subscriptionId }, do: 'put' as const },
      columns: { channelid: 'c', document, createdat: 1n },
    })),
  );
  const found = await pages();
  assert.deepEqual(
    found.map(({ length }) => length),
    [500, 500, 1],
  );
  assert.deepEqual(
    found.flat().map(({ subscriptionId }) => subscriptionId),
    ids,
  );
});

test('subscriptions that were deleted three days ago are removed', async (t) => {
  const { store, pages, put } = await startStore(t);
  const now = Date.parse('2026-12-05T00:00:00Z');
  const threeDaysAgo = BigInt(Date.parse('2026-12-02T00:00:00Z'));
  await put('kept', JSON.stringify(CHOSEN), { deletedat: threeDaysAgo + 1n });
  await put('old', JSON.stringify(CHOSEN), { deletedat: threeDaysAgo });
  await put('used', JSON.stringify(CHOSEN));
  for (const page of await pages())
    await removeDeleted(store, ADCODE, page, now, new AbortController().signal);
  assert.deepEqual(
    (await pages()).flat().map(({ subscriptionId }) => subscriptionId),
    ['kept', 'used'],
  );
});
