import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AlertApi, startAlertApi } from './alert-api.ts';
import { prepareSluice, type Sluice } from './sluice.ts';

let api: AlertApi;
let sluice: Sluice;
before(async () => {
  api = await startAlertApi();
  sluice = prepareSluice(() => ({ SLUICE_API: api.url, TZ: 'Asia/Shanghai' }));
});
after(async () => {
  sluice?.remove();
  await api?.close();
});

const delivery = (id: string, dueAt: string | null, createdAt = '2026-12-01T00:00:00Z') => ({
  ...{ id, kind: 'alert', channelId: id.split('~')[0], subscriptionId: null, adcode: null, date: null },
  ...{ status: 'sent', dueAt, createdAt, tries: 1, maybeDuplicate: false, reason: null, code: null },
  ...{ meaning: null, sentAt: null },
});

/** Two channels, as the api lists them: by channel, each with its newest day first. */
const [a2, a1, b3, b0] = [
  delivery('a~2', '2026-12-02T12:00:00Z'),
  delivery('a~1', '2026-12-01T12:00:00Z'),
  delivery('b~3', '2026-12-03T12:00:00Z'),
  delivery('b~0', null, '2026-11-30T12:00:00Z'),
] as const;

async function list(...args: readonly string[]) {
  const { code, stdout, stderr } = await sluice(['deliveries', '--json', ...args]);
  assert.equal(code, 0, stderr);
  return { ids: (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id), stderr };
}

test('deliveries of all channels are listed by time, the newest first', async () => {
  api.answer({
    'GET /v1/deliveries?limit=100': { items: [a2, a1], next: 'n' },
    'GET /v1/deliveries?limit=100&cursor=n': { items: [b0, b3], next: null },
  });
  assert.deepEqual(await list(), { ids: [b3.id, a2.id, a1.id, b0.id], stderr: '' });
});

test('the newest deliveries are shown, also if their channel comes last, and the number of all is said', async () => {
  api.answer({
    'GET /v1/deliveries?limit=100': { items: [a2, a1], next: 'n' },
    'GET /v1/deliveries?limit=100&cursor=n': { items: [b3, b0], next: null },
  });
  const { ids, stderr } = await list('--limit', '2');
  assert.deepEqual(ids, [b3.id, a2.id]);
  assert.equal(stderr, 'these are the newest 2 of 4 deliveries; --limit shows more\n');
});

test('reading ends after 10,000 deliveries, and the command says that there are more', async () => {
  const items = Array.from({ length: 100 }, (_, at) => delivery(`a~${at}`, '2026-12-01T12:00:00Z'));
  api.answer({
    'GET /v1/deliveries?limit=100': { items, next: 'n' },
    'GET /v1/deliveries?limit=100&cursor=n': { items, next: 'n' },
  });
  const { ids, stderr } = await list();
  assert.equal(ids.length, 50);
  assert.equal(api.requests.length, 100);
  assert.match(stderr, /^these are the newest of the first 10000 deliveries by channel, and there are more;/);
});
