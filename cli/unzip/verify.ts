import * as v from 'valibot';
import { MAX_RUN_OBJECT_BYTES } from '../../activities/unzip/listed-keys.ts';
import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import { ndjsonLines, type WrittenObject } from '../../domain/unzip/run-object-keys.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { asUsage, CommandError, parseCommand, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { openOss, parseOssUrl } from '../oss-target.ts';
import { oneLine, printJson } from '../terminal-text.ts';

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
  const { etag, objects } = await readManifest(store, bucket, keys.manifest, key);
  const current = await store.head({ bucket, key });
  const archive = current === undefined ? 'deleted' : current.etag === etag ? 'unpacked' : 'replaced';
  const differences: { key: string; problem: string }[] = [];
  await forEachParallel(objects, PARALLEL_CALLS, async (object) => {
    const problem = await problemOf(store, bucket, object);
    if (problem !== undefined) differences.push({ key: object.key, problem });
  });
  if (values.json) printJson({ archive, objects: objects.length, differences });
  else {
    for (const { key: each, problem } of differences.slice(0, MAX_SHOWN))
      console.log(`${oneLine(each)}  ${oneLine(problem)}`);
    if (differences.length > MAX_SHOWN)
      console.log(`… ${differences.length - MAX_SHOWN} more; --json shows all`);
    console.log(
      differences.length === 0
        ? `all ${objects.length} objects are as the manifest ${keys.manifest} lists them`
        : `${differences.length} of ${objects.length} objects differ from the manifest ${keys.manifest}`,
    );
    if (archive === 'deleted') console.log(`the archive oss://${bucket}/${key} does not exist any more`);
    if (archive === 'replaced')
      console.log(
        oneLine(
          `the archive oss://${bucket}/${key} is not unpacked: it has version ${current?.etag}, but the manifest is of version ${etag}`,
        ),
      );
  }
  return differences.length === 0 && archive !== 'replaced' ? 0 : 1;
}

/** A manifest, as far as it is compared with the objects. */
interface Manifest {
  readonly source: { readonly key: string; readonly etag: string };
  readonly files: number;
  readonly objects?: readonly WrittenObject[];
  readonly parts?: readonly string[];
}

/** Returns the version of the archive that the manifest is about, and all objects that it lists. */
async function readManifest(
  store: ObjectStore,
  bucket: string,
  manifestKey: string,
  key: string,
): Promise<{ readonly etag: string; readonly objects: readonly WrittenObject[] }> {
  const body = await store.get({ bucket, key: manifestKey }, MAX_RUN_OBJECT_BYTES);
  if (body === undefined)
    throw new CommandError(`oss://${bucket}/${key} is not unpacked: there is no manifest ${manifestKey}`);
  const [manifest] = parseLines(() => [JSON.parse(body.toString('utf8'))], isManifest) ?? [];
  if (manifest === undefined) throw new CommandError(`${manifestKey} is not a manifest of Sluice`);
  if (manifest.source.key !== key)
    throw new CommandError(
      `${manifestKey} is the manifest of oss://${bucket}/${oneLine(manifest.source.key)}`,
    );
  const objects = [...(manifest.objects ?? [])];
  for (const part of manifest.parts ?? []) {
    const lines = await store.get({ bucket, key: part }, MAX_RUN_OBJECT_BYTES);
    if (lines === undefined)
      throw new CommandError(`${oneLine(part)}, which ${manifestKey} refers to, does not exist`);
    const listed = parseLines(() => ndjsonLines(lines), isWrittenObject);
    if (listed === undefined)
      throw new CommandError(`${oneLine(part)}, which ${manifestKey} refers to, is not a list of objects`);
    for (const object of listed) objects.push(object);
  }
  if (objects.length !== manifest.files)
    throw new CommandError(`${manifestKey} lists ${objects.length} objects, but counts ${manifest.files}`);
  return { etag: manifest.source.etag, objects };
}

/** Returns the values that `parse` returns. Returns undefined if they are not JSON, or if `isValid` is false for one. */
function parseLines<T>(
  parse: () => Iterable<unknown>,
  isValid: (value: unknown) => value is T,
): T[] | undefined {
  try {
    const values = [...parse()];
    return values.every(isValid) ? values : undefined;
  } catch {
    return undefined;
  }
}

const writtenObjectSchema = v.object({ key: v.pipe(v.string(), v.nonEmpty()), size: v.number() });
const manifestSchema = v.object({
  source: v.object({ key: v.string(), etag: v.string() }),
  files: v.number(),
  objects: v.optional(v.array(writtenObjectSchema)),
  parts: v.optional(v.array(v.string())),
});

const isManifest = (value: unknown): value is Manifest => v.is(manifestSchema, value);
const isWrittenObject = (value: unknown): value is WrittenObject => v.is(writtenObjectSchema, value);

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
