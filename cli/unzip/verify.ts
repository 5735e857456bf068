import { MAX_RUN_OBJECT_BYTES } from '../../activities/unzip/listed-keys.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import { ndjsonLines, type WrittenObject } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { asUsage, CommandError, parseCommand, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { openOss, parseOssUrl } from '../oss-target.ts';
import { oneLine } from '../terminal-text.ts';

const PARALLEL_CALLS = 16;

/** Without --json, at most this many differences are shown. */
const MAX_SHOWN = 50;

/** `sluice unzip verify oss://bucket/key`: compares the objects of an unpacked archive with its manifest. */
export async function verifyUnzip(args: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseCommand(args, options, ['<archive>']);
  const { bucket, key } = parseOssUrl('<archive>', positionals[0] ?? '');
  const keys = asUsage(() => archiveKeysOf(bucket, key));
  if (keys === undefined)
    throw new UsageError(`<archive> is oss://${bucket}/${key}; allowed: a .zip under zip/`);
  const store = openOss(readCliConfig());
  const objects = await objectsOf(store, bucket, keys.manifest, key);
  const differences: { key: string; problem: string }[] = [];
  await forEachParallel(objects, PARALLEL_CALLS, async (object) => {
    const problem = await problemOf(store, bucket, object);
    if (problem !== undefined) differences.push({ key: object.key, problem });
  });
  if (values.json) console.log(JSON.stringify({ objects: objects.length, differences }, undefined, 2));
  else {
    for (const { key: each, problem } of differences.slice(0, MAX_SHOWN))
      console.log(`${oneLine(each)}  ${problem}`);
    if (differences.length > MAX_SHOWN)
      console.log(`… ${differences.length - MAX_SHOWN} more; --json shows all`);
    console.log(
      differences.length === 0
        ? `all ${objects.length} objects are as the manifest ${keys.manifest} lists them`
        : `${differences.length} of ${objects.length} objects differ from the manifest ${keys.manifest}`,
    );
  }
  return differences.length === 0 ? 0 : 1;
}

async function objectsOf(
  store: ObjectStore,
  bucket: string,
  manifestKey: string,
  key: string,
): Promise<readonly WrittenObject[]> {
  const body = await store.get({ bucket, key: manifestKey }, MAX_RUN_OBJECT_BYTES);
  if (body === undefined)
    throw new CommandError(`oss://${bucket}/${key} is not unpacked: there is no manifest ${manifestKey}`);
  const manifest = JSON.parse(body.toString('utf8')) as {
    source: { key: string };
    files: number;
    objects?: readonly WrittenObject[];
    parts?: readonly string[];
  };
  if (manifest.source.key !== key)
    throw new CommandError(`${manifestKey} is the manifest of oss://${bucket}/${manifest.source.key}`);
  const objects = [...(manifest.objects ?? [])];
  for (const part of manifest.parts ?? []) {
    const lines = await store.get({ bucket, key: part }, MAX_RUN_OBJECT_BYTES);
    if (lines === undefined)
      throw new CommandError(`${part}, which ${manifestKey} refers to, does not exist`);
    for (const object of ndjsonLines(lines) as Iterable<WrittenObject>) objects.push(object);
  }
  if (objects.length !== manifest.files)
    throw new CommandError(`${manifestKey} lists ${objects.length} objects, but counts ${manifest.files}`);
  return objects;
}

async function problemOf(
  store: ObjectStore,
  bucket: string,
  { key, size, crc64 }: WrittenObject,
): Promise<string | undefined> {
  const head = await store.head({ bucket, key });
  if (head === undefined) return 'does not exist';
  if (head.size !== size) return `has ${head.size} bytes, but the manifest says ${size}`;
  return head.crc64 === crc64 ? undefined : `has the CRC-64 ${head.crc64}, but the manifest says ${crc64}`;
}
