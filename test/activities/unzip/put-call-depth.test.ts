import assert from 'node:assert/strict';
import { test } from 'node:test';
import OSS from 'ali-oss';
import { startActivities } from '../../support/activities.ts';
import { stackFiles } from '../../support/stack-files.ts';
import { zipOf } from '../../support/zip-writer.ts';

test('between an upload activity and the PUT of a file, the call stack has at most eight files of Sluice', async (t) => {
  const system = await startActivities();
  t.after(() => system.stop());
  const client = OSS.prototype as { put(this: OSS, ...args: unknown[]): Promise<unknown> };
  const { put } = client;
  const stacks: string[][] = [];
  client.put = function (...args) {
    if (args[0] === 'unzip/stack/a.txt') stacks.push(stackFiles());
    return put.apply(this, args);
  };
  t.after(() => {
    client.put = put;
  });
  await system.deps.store.put(
    { bucket: 'eb-ask', key: 'zip/stack.zip' },
    zipOf([{ name: 'a.txt', content: 'a' }]),
  );
  await system.unzipInParts('eb-ask', 'zip/stack.zip');
  const [files = []] = stacks;
  assert.ok(
    files.includes('adapters/oss/oss-store.ts') && files.includes('activities/unzip/upload.ts'),
    files.join(),
  );
  assert.ok(
    files.includes('activities/temporal-failures.ts'),
    `the stack trace is truncated: ${files.join()}`,
  );
  assert.ok(files.length <= 8, files.join('\n'));
});
