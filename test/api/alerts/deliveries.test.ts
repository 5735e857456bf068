import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { deliveriesTable } from '../../../ports/alert-tables.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import { NOON } from '../running-api.ts';
import { type AlertsApi, createChannel, createSubscription, startAlertsApi } from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let [channelId, subscriptionId] = ['', ''];
before(async () => {
  api = await startAlertsApi(t);
  channelId = await createChannel(api);
  subscriptionId = await createSubscription(api, { channelId });
});

type Columns = Parameters<typeof storeRow>[1];

const CONTENT = JSON.stringify({ kind: 'text', title: 'a', markdown: 'b' });

/** Stores a row as the workflows do. */
async function storeRow(
  deliveryId: string,
  columns: { readonly [name in keyof typeof deliveriesTable.columns]?: string | bigint | boolean } = {},
  to = channelId,
): Promise<string> {
  const date = deliveryId.slice(0, 10);
  const defaults = {
    status: 'sent',
    date,
    dueat: BigInt(NOON),
    until: BigInt(NOON),
    changedat: 1n,
    createdat: 1n,
    content: CONTENT,
  };
  await api.store.put(deliveriesTable, { channelId: to, deliveryId }, { ...defaults, ...columns } as never);
  return `${to}~${deliveryId}`;
}

const columnsOf = async (id: string) => {
  const [channel = '', deliveryId = ''] = id.split('~');
  return (await api.store.get(deliveriesTable, { channelId: channel, deliveryId }))?.columns ?? {};
};

test('deliveries are listed by channel, the newest day first, with their filters', async () => {
  const row = (date: string, columns?: Columns, last = '0') =>
    storeRow(`${date}.${subscriptionId}.${last}`, {
      subscriptionid: subscriptionId,
      adcode: '110000',
      ...columns,
    });
  const monday = await row('2026-11-23', { status: 'skipped', reason: 'no_match' });
  const tuesday = await row('2026-11-24');
  const correction = await row('2026-11-24', {}, '1');
  const wednesday = await row('2026-11-25', { status: 'failed', code: '300005' });
  const probe = await storeRow('2026-11-24.test.01ARZ3NDEK0000000000000000');
  const other = await storeRow(`2026-11-24.${subscriptionId}.0`, {}, 'another-channel');
  const idsOf = async (query: string, limit = 2): Promise<string[]> => {
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const answer = await api.send('GET', `/v1/deliveries?limit=${limit}${query}${cursor}`);
      assert.equal(answer.status, 200, answer.text);
      found.push(...(answer.body.items as { id: string }[]).map(({ id }) => id));
      if (answer.body.next === null) return found;
      cursor = `&cursor=${answer.body.next}`;
    }
  };
  const all = [wednesday, probe, correction, tuesday, monday];
  assert.deepEqual(await idsOf(`&channel=${channelId}`), all);
  assert.deepEqual(await idsOf(''), [...all, other]);
  assert.deepEqual(
    await idsOf(`&subscription=${subscriptionId}`),
    all.filter((id) => id !== probe),
  );
  assert.deepEqual(await idsOf(`&channel=${channelId}&status=failed`), [wednesday]);
  assert.deepEqual(await idsOf(`&channel=${channelId}&from=2026-11-24`), all.slice(0, 4));
  assert.deepEqual(await idsOf('&from=2026-11-25', 1), [wednesday]);
  assert.deepEqual(await idsOf(`&subscription=${subscriptionId}&from=2026-11-26`), []);
});

test('a row is shown with its reason, its code and the meaning of the code', async () => {
  const decision = { matched: ['any[0]'], severity: 1 };
  const meaning = { zh: '机器人不存在', en: 'the robot does not exist' };
  const content = { kind: 'text', title: 'a', markdown: 'b' };
  await storeRow('2026-11-20.test.X', {
    ...{
      status: 'failed',
      code: '300005',
      meaning: JSON.stringify(meaning),
      tries: 2n,
      messageid: 'm',
      part: '1/2',
    },
    ...{ decision: JSON.stringify(decision), content: JSON.stringify(content), sentat: BigInt(NOON) },
    ...{ retryat: BigInt(NOON + 1_000), maybeduplicate: true, subscriptionid: '', adcode: '' },
  });
  const { body } = await api.send('GET', `/v1/deliveries?channel=${channelId}&limit=100`);
  const shown = (body.items as { id: string }[]).find(({ id }) => id.endsWith('.X'));
  assert.deepEqual(shown, {
    ...{ id: `${channelId}~2026-11-20.test.X`, channelId, subscriptionId: null, adcode: null },
    ...{ date: '2026-11-20', kind: 'test', status: 'failed', reason: null, code: '300005', meaning },
    ...{ dueAt: '2026-11-22T04:00:00.000Z', until: '2026-11-22T04:00:00.000Z' },
    ...{ createdAt: '1970-01-01T00:00:00.001Z', changedAt: '1970-01-01T00:00:00.001Z' },
    ...{ sentAt: '2026-11-22T04:00:00.000Z', tries: 2, retryAt: '2026-11-22T04:00:01.000Z' },
    ...{ maybeDuplicate: true, messageId: 'm', part: '1/2', decision, content },
  });
});

test('wrong filters and unknown subscriptions are refused', async () => {
  for (const query of [
    'status=lost',
    'from=yesterday',
    'from=2026-13-01',
    'from=2026-02-30',
    'cursor=x',
    // Half of a surrogate pair.
    `cursor=${Buffer.from('["\\ud800","x"]').toString('base64url')}`,
    'colour=red',
    'limit=0',
  ])
    assert.equal((await api.send('GET', `/v1/deliveries?${query}`)).status, 400, query);
  const { status, body } = await api.send('GET', '/v1/deliveries?subscription=nobody');
  assert.deepEqual([status, body.type], [404, '/problems/subscription-not-found']);
});

for (const [status, mayRepeat] of [
  ['failed', false],
  ['expired', false],
  ['unknown', true],
] as const)
  test(`a row that is ${status} can be resent until its day is over`, async () => {
    const id = await storeRow(`2026-11-23.resend-${status}.0`, {
      ...{
        status,
        messageid: 'm',
        part: '1/2',
        tries: 3n,
        retryat: 5n,
        claimedat: 6n,
        code: 'x',
        meaning: '{}',
      },
    });
    const { status: answer, body } = await api.send('POST', `/v1/deliveries/${id}/resend`);
    assert.equal(answer, 200);
    assert.deepEqual(
      [body.status, body.maybeDuplicate, body.tries, body.messageId, body.until],
      ['due', mayRepeat, 0, null, '2026-11-23T16:00:00.000Z'],
    );
    assert.equal(api.signalled.at(-1), `wake ${channelId}`);
    const { retryat, part, claimedat, code, meaning, dueat, changedat } = await columnsOf(id);
    assert.deepEqual([retryat, part, claimedat, code, meaning], Array(5).fill(undefined));
    assert.deepEqual([dueat, changedat], [BigInt(NOON), BigInt(NOON)]);
  });

test('other rows, and rows of a day that is over, cannot be resent', async () => {
  for (const status of ['due', 'claimed', 'sent', 'skipped', 'no_data']) {
    const id = await storeRow(`2026-11-23.${status}.0`, { status });
    const refused = await api.send('POST', `/v1/deliveries/${id}/resend`);
    assert.deepEqual(
      [refused.status, refused.body.detail],
      [409, `the delivery is ${status}; only failed, unknown, expired can be resent`],
    );
    assert.equal((await columnsOf(id)).status, status);
  }
  const old = await storeRow('2026-11-21.old.0', { status: 'failed' });
  const refused = await api.send('POST', `/v1/deliveries/${old}/resend`);
  assert.deepEqual(
    [refused.status, refused.body.detail],
    [409, 'the delivery is about 2026-11-21, which is over'],
  );
  for (const id of ['x', 'a~b', 'a~b~c', '~'])
    assert.equal((await api.send('POST', `/v1/deliveries/${id}/resend`)).status, 404, id);
});

test('a repeated resend with the same key resends once, also after the message was sent', async () => {
  const id = await storeRow('2026-11-23.once.0', { status: 'failed' });
  const resend = () => api.send('POST', `/v1/deliveries/${id}/resend`, { key: 'resend once' });
  assert.equal((await resend()).body.status, 'due');
  const [channel = '', deliveryId = ''] = id.split('~');
  await api.store.update(deliveriesTable, { channelId: channel, deliveryId }, { set: { status: 'sent' } });
  const repeated = await resend();
  assert.deepEqual([repeated.status, repeated.body.status], [200, 'sent']);
});
