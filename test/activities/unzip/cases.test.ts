import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startActivities } from '../../support/activities.ts';
import { casesFolder, caseTitle, checkFailure, checkSuccess, zipCases } from '../../support/zip-cases.ts';

let activities: Awaited<ReturnType<typeof startActivities>>;
if (casesFolder) {
  before(async () => {
    activities = await startActivities();
  });
  after(() => activities.stop());
}

// Small archives are unpacked in one step. The integration test over the same archives tests that.
for (const [name, expected] of casesFolder ? zipCases : []) {
  test(`in parts: ${caseTitle(name, expected)}`, async () => {
    await emptyBucket();
    const key = `zip/${name}.zip`;
    const { store } = activities.deps;
    await store.put({ bucket: 'eb-ask', key }, readFileSync(join(casesFolder, `${name}.zip`)));
    const names = { unsafe: 'files' in expected ? expected.unsafe : undefined };
    const end = await activities.unzipInParts('eb-ask', key, names).then(
      () => undefined,
      (error: unknown) => error as { type: string; message: string; nonRetryable: boolean },
    );
    if ('files' in expected) {
      assert.equal(end, undefined, String(end));
      await checkSuccess(store, name, expected);
      return;
    }
    assert.ok(end?.nonRetryable, `completed, or may be retried: ${String(end)}`);
    assert.equal(end.type, expected.type);
    checkFailure(end.message, key, expected);
  });
}

/** The archives of two tests may have the same name. */
async function emptyBucket(): Promise<void> {
  const { store } = activities.deps;
  const keys: string[] = [];
  for await (const key of store.list('eb-ask', '')) keys.push(key);
  await store.remove('eb-ask', keys);
}
