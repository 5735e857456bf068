/**
 * Begins a run of an archive whose earlier version has a manifest with a list of this many objects. Then checks another
 * archive, whose destination is below it. Prints how many keys of earlier versions the run knows, and which error the other
 * archive has.
 */
import { tmpdir } from 'node:os';
import { previousKeys } from '../../../activities/unzip/previous-keys.ts';
import { unzipActivities } from '../../support/activities.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { zipOf } from '../../support/zip-writer.ts';

const BUCKET = 'eb-ask';
const count = Number(process.argv[2]);

const archive = {
  ...{ bucket: BUCKET, key: 'zip/p.zip', etag: 'E', size: 1, base: 'p', destination: 'unzip/p/' },
  ...{ manifest: 'unzip/.sluice/p.json', runs: 'unzip/.sluice/.sluice/p/' },
};
const keyOf = (at: number): string => `unzip/p/q/${at}/`.padEnd(1_000, 'x');

function manifest(): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < count; at += 1_000) {
    const objects = Array.from({ length: 1_000 }, (_, more) => ({ key: keyOf(at + more), size: 1 }));
    pieces.push(Buffer.from(`${at === 0 ? '' : ','}${JSON.stringify(objects).slice(1, -1)}`));
  }
  const source = '"version":1,"source":{"bucket":"eb-ask","key":"zip/p.zip","etag":"D"}';
  return Buffer.concat([Buffer.from(`{${source},"objects":[`), ...pieces, Buffer.from('],"skipped":[]}\n')]);
}

const store = new MemoryObjectStore();
store.set(BUCKET, archive.manifest, manifest());
const last = keyOf(count - 1);
store.set(BUCKET, last, Buffer.from('x'));
const { run, shared, unzip } = unzipActivities(store, tmpdir());

const name = last.slice('unzip/p/q/'.length);
store.set(BUCKET, 'zip/p/q.zip', zipOf([{ name }]));
const error = await unzip(BUCKET, 'zip/p/q.zip').then(
  () => 'none',
  ({ type }: { type: string }) => type,
);

const claiming = { workflowId: 'unzip', runId: 'own', workflow: 'unzipArchive' as const };
await run(shared.begin, { archive, runId: 'own', run: claiming });
let known = 0;
const never = new AbortController().signal;
for await (const keys of previousKeys(store, { archive, runId: 'own' }, never)) known += keys.length;
console.log(JSON.stringify({ known, error }));
