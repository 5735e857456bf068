import assert from 'node:assert/strict';
import { test } from 'node:test';
import TableStore from 'tablestore';
import { INSTANCE, KEY_ID, SECRET, startTablestore } from '../running-tablestore.ts';

test('the unmodified SDK receives the error for a request that is too large, and can continue', async (t) => {
  const store = await startTablestore();
  t.after(store.stop);
  await store.makeTable('t', ['k']);
  const client = new TableStore.Client({
    ...{ accessKeyId: KEY_ID, secretAccessKey: SECRET, instancename: INSTANCE },
    ...{ endpoint: store.endpoint, maxRetries: 0 },
  });
  const put = (v: string) =>
    client.putRow({
      ...{ tableName: 't', primaryKey: [{ k: 'a' }], attributeColumns: [{ v }] },
      condition: new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null),
    });
  for (let round = 0; round < 3; round++) {
    await assert.rejects(put('x'.repeat(12 * 2 ** 20)), (error: { message: string }) => {
      assert.match(error.message, /OTSRequestBodyTooLarge/);
      return true;
    });
    await put('x');
  }
});
