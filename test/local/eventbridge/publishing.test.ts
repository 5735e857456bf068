import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { aliOss, startCloud, startSink, temporaryDirectory, until } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

test('the event of an uploaded zip has exactly the format of EventBridge', async (t) => {
  const sink = await startSink(t);
  const endpoint = await startCloud(t, { gateway: sink.url });
  const from = Math.floor(Date.now() / 1000) * 1000;
  const put = await send(endpoint, '/eb-ask/zip/%E6%B5%8B%20demo.zip', { method: 'PUT', body: 'hello' });
  await until('the event arrives', () => sink.events.length === 1);
  const event = JSON.parse(sink.events[0]?.body ?? '');
  const id = put.headers['x-oss-request-id'];
  for (const time of [event.time, event.aliyunpublishtime, event.data.eventTime]) {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Date.parse(time) >= from && Date.parse(time) <= Date.now());
  }
  const account = event.aliyunaccountid;
  assert.match(account, /^\d{16}$/);
  assert.deepEqual(event, {
    specversion: '1.0',
    id,
    source: 'acs.oss',
    type: 'oss:ObjectCreated:PutObject',
    subject: `acs:oss:cn-hangzhou:${account}:eb-ask/zip/测 demo.zip`,
    time: event.time,
    datacontenttype: 'application/json;charset=utf-8',
    aliyunaccountid: account,
    aliyunoriginalaccountid: account,
    aliyunpublishtime: event.aliyunpublishtime,
    aliyunpublishaddr: '127.0.0.1',
    aliyuneventbusname: 'default',
    aliyunregionid: 'cn-hangzhou',
    data: {
      region: 'cn-hangzhou',
      eventVersion: '1.0',
      eventSource: 'acs:oss',
      eventName: 'ObjectCreated:PutObject',
      eventTime: event.time,
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      userIdentity: { principalId: account },
      responseElements: { requestId: id },
      oss: {
        ossSchemaVersion: '1.0',
        bucket: { name: 'eb-ask', arn: `acs:oss:cn-hangzhou:${account}:eb-ask`, ownerIdentity: account },
        object: { key: 'zip/测 demo.zip', size: 5, deltaSize: 5, eTag: '5D41402ABC4B2A76B9719D911017C592' },
      },
    },
  });
});

test('every change is published once, with its own id and its effect on the size', async (t) => {
  const dir = await temporaryDirectory(t);
  const rules = join(dir, 'rules.json');
  await writeFile(
    rules,
    JSON.stringify({ rules: [{ name: 'all', pattern: { source: ['acs.oss'] }, target: '/' }] }),
  );
  const sink = await startSink(t);
  const client = aliOss(await startCloud(t, { gateway: sink.url, rules }));
  await client.put('a', Buffer.from('12345'));
  await client.put('a', Buffer.from('12'));
  await client.copy('b', 'a');
  const { uploadId } = await client.initMultipartUpload('m', {});
  const part = await client.uploadPart('m', uploadId, 1, randomBytes(7), 0, 7);
  await client.completeMultipartUpload('m', uploadId, [{ number: 1, etag: part.etag }]);
  const aborted = await client.initMultipartUpload('g', {});
  await client.uploadPartCopy(
    'g',
    aborted.uploadId,
    1,
    '0-1',
    { sourceKey: 'a', sourceBucketName: 'eb-ask' },
    {},
  );
  await client.abortMultipartUpload('g', aborted.uploadId);
  await client.delete('a');
  await client.delete('a');
  await client.deleteMulti(['b', 'm', 'never there']);
  await until('all events arrive', () => sink.events.length >= 12);

  const events = sink.events.map(({ body }) => JSON.parse(body));
  const summaries = events.map(({ type, data }) => {
    const { key, size, deltaSize } = data.oss.object;
    return `${type} ${key} ${size} ${deltaSize}`;
  });
  assert.deepEqual(summaries.sort(), [
    'oss:ObjectCreated:CompleteMultipartUpload m 7 7',
    'oss:ObjectCreated:CopyObject b 2 2',
    'oss:ObjectCreated:InitiateMultipartUpload g 0 0',
    'oss:ObjectCreated:InitiateMultipartUpload m 0 0',
    'oss:ObjectCreated:PutObject a 2 -3',
    'oss:ObjectCreated:PutObject a 5 5',
    'oss:ObjectCreated:UploadPart m 7 0',
    'oss:ObjectCreated:UploadPartCopy g 2 0',
    'oss:ObjectRemoved:AbortMultipartUpload g 0 0',
    'oss:ObjectRemoved:DeleteObject a 2 -2',
    'oss:ObjectRemoved:DeleteObjects b 2 -2',
    'oss:ObjectRemoved:DeleteObjects m 7 -7',
  ]);
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
});

test('a failed write is not published', async (t) => {
  const sink = await startSink(t);
  const endpoint = await startCloud(t, { gateway: sink.url });
  const headers = { 'x-oss-forbid-overwrite': 'true' };
  for (const body of ['first', 'second'])
    await send(endpoint, '/eb-ask/zip/a.zip', { method: 'PUT', body, headers });
  await send(endpoint, '/eb-ask/zip/b.zip', {
    method: 'PUT',
    body: 'x',
    headers: { 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' },
  });
  await send(endpoint, '/eb-ask/zip/last.zip', { method: 'PUT', body: 'x' });
  await until('the last event arrives', () => sink.events.some(({ body }) => body.includes('zip/last.zip')));
  assert.equal(sink.events.length, 2);
});
