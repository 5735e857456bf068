import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CloudEvent, HTTP } from 'cloudevents';
import { decodeRequest } from '../../gateway/decode/decode-request.ts';
import { startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

test('the gateway and the CloudEvents SDK can read the events of changed rows', async (t) => {
  const cloud = await startSourceTablestore(t);
  const sink = await startReceiver(t);
  const source = await startTestSource(t, { ...cloud.environment, K_SINK: sink.url });
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  await cloud.put('北京,"1"=%', [
    { name: 'dayweather', value: '晴 🌤' },
    { name: 'revision', value: 7n },
    { name: 'big', value: 2n ** 63n - 1n },
    { name: 'rain', value: 0.5 },
    { name: 'known', value: true },
    { name: 'icon', value: Buffer.from([0, 255]) },
  ]);
  await until('the put has arrived', () => sink.accepted.length === 1);
  await cloud.update('北京,"1"=%', [
    { name: 'dayweather', value: '雨' },
    { name: 'icon', operation: 'delete all versions' },
  ]);
  await until('the update has arrived', () => sink.accepted.length === 2);
  await cloud.delete('北京,"1"=%');
  await until('all three have arrived', () => sink.accepted.length === 3);

  const key = { adcode: '北京,"1"=%', date: '2026-11-22' };
  const expected = [
    {
      type: 'tablestore.row.put',
      data: {
        ...{ key, operation: 'put' },
        columns: {
          ...{ big: { integer: '9223372036854775807' }, dayweather: '晴 🌤', icon: { binary: 'AP8=' } },
          ...{ known: true, rain: 0.5, revision: 7 },
        },
      },
    },
    {
      type: 'tablestore.row.update',
      data: { key, operation: 'update', columns: { dayweather: '雨', icon: null } },
    },
    { type: 'tablestore.row.delete', data: { key, operation: 'delete', columns: {} } },
  ];
  const ids = new Set<string>();
  for (const [index, { headers, body }] of sink.accepted.entries()) {
    const { type, data } = expected[index] ?? {};
    const [event] = decodeRequest({ headers, body }).events;
    assert.equal(event?.type, type);
    assert.equal(event?.source, '/tablestore/sluice-local/weather');
    assert.equal(event?.subject, 'adcode=北京%2C"1"%3D%25,date=2026-11-22');
    assert.equal(event?.attributes.adcode, key.adcode);
    assert.equal(event?.attributes.date, key.date);
    assert.ok(Math.abs(Date.parse(String(event?.time)) - Date.now()) < 60_000, String(event?.time));
    assert.deepEqual(event?.data?.json, data);
    ids.add(String(event?.id));

    const read = HTTP.toEvent({ headers, body: body.toString() }) as CloudEvent<unknown>;
    assert.equal(read.validate(), true);
    assert.equal(read.type, type);
    assert.equal(read.id, event?.id);
    assert.equal(decodeURIComponent(String(read.adcode)), key.adcode);
    assert.equal(read.date, key.date);
    assert.deepEqual(read.data, data);
  }
  assert.equal(ids.size, 3);
});

test('every event has the attributes of K_CE_OVERRIDES in addition to the usual attributes', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const overrides = { extensions: { region: '上海 1', cluster: 'c1' } };
  const env = { ...cloud.environment, K_SINK: sink.url, K_CE_OVERRIDES: JSON.stringify(overrides) };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  await cloud.put('110000');
  await until('the event has arrived', () => sink.accepted.length === 1);
  const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = sink.accepted;
  const [event] = decodeRequest({ headers, body }).events;
  assert.deepEqual(
    [event?.attributes.region, event?.attributes.cluster, event?.attributes.adcode],
    ['上海 1', 'c1', '110000'],
  );
});
