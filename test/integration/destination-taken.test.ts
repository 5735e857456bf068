import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BUCKET, type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

let system: System;
before(async () => {
  system = await startSystem({ workers: 2 });
});
after(() => system.stop());

const zip = (...names: string[]): Buffer =>
  zipOf(names.map((name) => ({ name, content: `content of ${name}` })));

/** Returns an archive that is not small. Its file is not compressed, so simple content makes the archive large, too. */
const largeZip = (name: string): Buffer =>
  zipOf([{ name, content: Buffer.alloc(17 * 1024 * 1024, name), method: 0 }]);

/** Puts an archive under a key that no other test uses. Waits for the run, and returns its outcome or its failure. */
async function outcomeOf(key: string, archive: Buffer): Promise<string> {
  await system.put(key, archive);
  const id = `unzip:${BUCKET}/${key}:`;
  const { workflowId } = await until(`the run of ${key} has ended`, async () => {
    // Queries ignore case.
    for await (const run of system.client.workflow.list({ query: `WorkflowId STARTS_WITH '${id}'` }))
      if (run.workflowId.startsWith(id) && run.status.name !== 'RUNNING') return run;
    return undefined;
  });
  try {
    return ((await system.client.workflow.getHandle(workflowId).result()) as { outcome: string }).outcome;
  } catch (error) {
    const { cause } = error as { cause: { type: string; message: string } };
    return `${cause.type}: ${cause.message}`;
  }
}

const takenBy = (key: string, destination: string, other: string, why: string): string =>
  `DestinationTaken: archive oss://${BUCKET}/${key}: ${destination} is taken: oss://${BUCKET}/${other} ${why}`;

for (const [size, first, second] of [
  ['small', zip('a'), zip('b')],
  ['large', largeZip('a'), largeZip('b')],
  ['small, after a large one', largeZip('a'), zip('b')],
] as const) {
  test(`an archive whose key differs only in the case of .zip does not replace the objects of the first archive: ${size}`, async () => {
    const name = `twin-${size.replaceAll(/\W+/g, '-')}`;
    assert.equal(await outcomeOf(`zip/${name}.zip`, first), 'completed');
    const before = await system.manifest(name);
    const why = `has the object unzip/${name}/a; delete it, or release the destination`;
    const taken = takenBy(`zip/${name}.ZIP`, `unzip/${name}/`, `zip/${name}.zip`, why);
    assert.equal(await outcomeOf(`zip/${name}.ZIP`, second), taken);
    assert.deepEqual(await system.keys(`unzip/${name}/`), [`unzip/${name}/a`]);
    assert.deepEqual(await system.manifest(name), before);
  });
}

test('a destination is free when the objects of its first archive are deleted', async () => {
  assert.equal(await outcomeOf('zip/left.zip', zip('a')), 'completed');
  await system.store.remove(BUCKET, ['zip/left.zip', 'unzip/left/a']);
  assert.equal(await outcomeOf('zip/left.Zip', zip('b')), 'completed');
  assert.deepEqual(await system.keys('unzip/left/'), ['unzip/left/b']);
});

test('an archive does not overwrite an object of another archive if one of their destinations lies inside the other', async () => {
  const why = (key: string): string => `has the object ${key}; delete it, or release the destination`;
  assert.equal(await outcomeOf('zip/p.zip', zip('q/x', 'r')), 'completed');
  const below = takenBy('zip/p/q.zip', 'unzip/p/q/', 'zip/p.zip', why('unzip/p/q/x'));
  assert.equal(await outcomeOf('zip/p/q.zip', zip('x')), below);
  assert.equal(String(await system.get('unzip/p/q/x')), 'content of q/x');

  assert.equal(await outcomeOf('zip/s/t.zip', zip('x')), 'completed');
  const above = takenBy('zip/s.zip', 'unzip/s/', 'zip/s/t.zip', why('unzip/s/t/x'));
  assert.equal(await outcomeOf('zip/s.zip', zip('t/x', 'r')), above);
  assert.equal(String(await system.get('unzip/s/t/x')), 'content of x');
  assert.deepEqual(await system.keys('unzip/s/'), ['unzip/s/t/x']);

  assert.equal(await outcomeOf('zip/u/t.zip', zip('x')), 'completed');
  assert.equal(await outcomeOf('zip/u.zip', zip('t/y', 'r')), 'completed');
  assert.deepEqual(await system.keys('unzip/u/'), ['unzip/u/r', 'unzip/u/t/x', 'unzip/u/t/y']);
});

const pairs = [
  [
    'two archives with one destination',
    (at: number) => [`zip/once-${at}.zip`, `zip/once-${at}.ZIP`],
    zip('a'),
  ],
  [
    'an archive and an archive whose destination lies inside the first one’s',
    (at: number) => [`zip/both-${at}.zip`, `zip/both-${at}/a.zip`],
    zip('a/b', 'b'),
  ],
] as const;
for (const [archives, keys, archive] of pairs) {
  test(`if ${archives} are put at the same time, exactly one of them completes`, async () => {
    const puts = Array.from({ length: 10 }, (_, at) => keys(at));
    const ends = await Promise.all(
      puts.map((pair) => Promise.all(pair.map((key) => outcomeOf(key, archive)))),
    );
    for (const [at, pair] of ends.entries()) {
      const completed = pair.filter((end) => end === 'completed');
      assert.equal(completed.length, 1, `${puts[at]}: ${pair}`);
      assert.ok(
        pair.some((end) => end.startsWith('DestinationTaken: ')),
        `${pair}`,
      );
    }
    await until(
      'all claims are deleted',
      async () => (await system.keys('unzip/.sluice/.sluice/')).length === 0,
    );
  });
}
