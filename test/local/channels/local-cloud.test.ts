import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLocalCloud } from '../../../local/start-local-cloud.ts';
import { createTablesApi } from '../../../ots/tables-api.ts';
import { createOtsTransport } from '../../../ots/transport.ts';
import { createHttpClient } from '../../../runtime/http-client.ts';
import { createLog } from '../../../runtime/log.ts';
import { KEY_ID, localConfig, SECRET, temporaryDirectory, undoAfter } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

test('the local cloud serves channels. Their messages end with the process', async (t) => {
  const dir = await temporaryDirectory(t);
  const received = async (origin: string): Promise<readonly { to: string }[]> =>
    JSON.parse(String((await send(origin, '/received')).body));
  const message = { msgtype: 'text', text: { content: 'rain' } };

  const first = await startLocalCloud(localConfig(dir), createLog('local', 'silent'));
  const { channels = '' } = first.endpoints ?? {};
  assert.match(channels, /^http:\/\/localhost:\d+$/);
  try {
    const answer = await send(channels, '/robot/send?access_token=home', {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(message) },
    });
    assert.deepEqual(JSON.parse(String(answer.body)), { errcode: 0, errmsg: 'ok' });
    assert.deepEqual(
      (await received(channels)).map(({ to }) => to),
      ['home'],
    );
  } finally {
    await first.stop();
  }
  const second = await startLocalCloud(localConfig(dir), createLog('local', 'silent'));
  undoAfter(t, () => second.stop());
  assert.deepEqual(await received(second.endpoints?.channels ?? ''), []);
});

test('a new local cloud has all tables. A later start changes how long rows are kept only if this is configured', async (t) => {
  const dir = await temporaryDirectory(t);
  const keptDaysAfterStart = async (changes: Parameters<typeof localConfig>[1]) => {
    const running = await startLocalCloud(localConfig(dir, changes), createLog('local', 'silent'));
    const transport = createOtsTransport({
      ...{ endpoint: running.endpoints?.tablestore ?? '', instance: 'sluice-local' },
      credentials: () => ({ accessKeyId: KEY_ID, accessKeySecret: SECRET }),
      http: createHttpClient({ maxConnections: 1 }),
    });
    try {
      const api = createTablesApi(transport);
      const tables = await Promise.all(['weather', 'deliveries'].map((name) => api.describe(name)));
      return tables.map((table) => table?.keptDays);
    } finally {
      transport.close();
      await running.stop();
    }
  };
  assert.deepEqual(await keptDaysAfterStart({}), [undefined, 90]);
  assert.deepEqual(await keptDaysAfterStart({ weatherKeptDays: 30, deliveriesKeptDays: 'forever' }), [
    ...[30, undefined],
  ]);
  assert.deepEqual(await keptDaysAfterStart({}), [30, undefined]);
});
