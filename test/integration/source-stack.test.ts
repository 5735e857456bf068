import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'undici';
import { startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { stackFiles } from '../support/stack-files.ts';
import { until } from '../support/until.ts';

test('between the read of a row change and the post of its event, the call stack has at most eight files of Sluice', async (t) => {
  const { dispatch } = Client.prototype;
  const stacks: string[][] = [];
  Client.prototype.dispatch = function (options, handler) {
    stacks.push(stackFiles());
    return dispatch.call(this, options, handler);
  };
  t.after(() => {
    Client.prototype.dispatch = dispatch;
  });
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const source = await startTestSource(t, { ...cloud.environment, K_SINK: sink.url });
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  await cloud.put('110000');
  await until('the event has arrived', () => sink.accepted.length === 1);
  const posts = stacks.filter((files) => files.includes('source/sink-client.ts'));
  const [files = []] = posts;
  assert.ok(files.includes('ots/tunnel/channel-reader.ts'), `the stack is cut: ${files.join()}`);
  assert.ok(files.length <= 8, files.join('\n'));
});
