import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startActivities } from '../../support/activities.ts';

let activities: Awaited<ReturnType<typeof startActivities>>;
before(async () => {
  activities = await startActivities();
});
after(() => activities.stop());

const odd = ['Icon\r', 'a\nb', 'a\tb', 'bell\u0007', 'a b+c', '%41', '<&>"\'', '中文', '\ufffe', ' edge '];

async function keysUnder(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of activities.deps.store.list('eb-ask', prefix)) keys.push(key);
  return keys;
}

for (const [at, name] of odd.entries()) {
  test(`a key that ends with ${JSON.stringify(name)} is listed, read and deleted as it is`, async () => {
    const { store } = activities.deps;
    const prefix = `odd/${at}/`;
    const ref = { bucket: 'eb-ask', key: `${prefix}${name}` };
    await store.put(ref, Buffer.from('x'));
    await store.put({ ...ref, key: `${prefix}other` }, Buffer.from('y'));
    assert.deepEqual((await keysUnder(prefix)).sort(), [ref.key, `${prefix}other`].sort());
    assert.equal(String(await store.get(ref, 10)), 'x');
    await store.remove('eb-ask', [ref.key]);
    assert.deepEqual(await keysUnder(prefix), [`${prefix}other`]);
  });

  test(`an unfinished upload of a key that ends with ${JSON.stringify(name)} is aborted`, async () => {
    const { store } = activities.deps;
    const ref = { bucket: 'eb-ask', key: `uploads/${at}/${name}` };
    const uploadId = await store.startUpload(ref);
    await store.abandonUploads(ref);
    await assert.rejects(store.uploadedParts(ref, uploadId), { type: 'NoSuchUpload' });
  });
}

test('a key with \\r and the same key with \\n are two objects, and only one of them is deleted', async () => {
  const { store } = activities.deps;
  for (const key of ['two/a\r', 'two/a\n']) await store.put({ bucket: 'eb-ask', key }, Buffer.from('x'));
  await store.remove('eb-ask', ['two/a\r']);
  assert.deepEqual(await keysUnder('two/'), ['two/a\n']);
});
