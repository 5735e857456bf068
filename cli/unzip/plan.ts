import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { InvalidInput, messageOf } from '../../domain/errors.ts';
import { archiveLabel } from '../../domain/unzip/archive.ts';
import { archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import { defaultLimits, defaultPartLimits, smallLimits } from '../../domain/unzip/limits.ts';
import { readNameOptions } from '../../domain/unzip/name-options.ts';
import { filesToExtract, type NameOptions } from '../../domain/zip/entry-name-rules.ts';
import { findDirectory } from '../../domain/zip/find-directory.ts';
import { planArchive } from '../../domain/zip/plan-archive.ts';
import { asUsage, CommandError, parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { openOss, parseOssUrl } from '../oss-target.ts';
import { oneLine, printJson } from '../terminal-text.ts';

/** Without --json, at most this many lines of objects and of skipped entries are shown. */
const MAX_SHOWN = 50;

const options = {
  charsets: { type: 'string' },
  unsafe: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** An archive to plan: where it would be in a bucket, and its bytes. */
interface ArchiveSource {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  /** The options for names in the object's metadata. */
  readonly nameOptions: Partial<NameOptions>;
  read(start: number, end: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** `sluice unzip plan <file | oss://bucket/key>`: shows what would happen, without writing. */
export async function planUnzip(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['<archive>']);
  const [argument = ''] = positionals;
  const source = argument.startsWith('oss://') ? await openObject(argument) : await openFile(argument);
  try {
    const labels = { subject: argument, charsets: '--charsets', unsafe: '--unsafe' };
    const { charsets, unsafe } = values;
    const { zipCharsets, zipUnsafe } = readCliConfig();
    const fromOptions = asUsage(() => readNameOptions({ charsets, unsafe }, labels));
    const names = { charsets: zipCharsets, unsafe: zipUnsafe, ...source.nameOptions, ...fromOptions };
    const planned = await plan(source, names);
    if (values.json) printJson(planned);
    else print(planned);
    return 0;
  } catch (error) {
    if (error instanceof InvalidInput) throw new CommandError(`${error.type}: ${error.message}`);
    throw error;
  } finally {
    await source.close();
  }
}

async function plan(source: ArchiveSource, names: NameOptions) {
  const { bucket, key, size } = source;
  const subject = archiveLabel(source);
  const keys = archiveKeysOf(bucket, key);
  if (keys === undefined)
    throw new InvalidInput('RefusedKey', `${subject}: it is no .zip under zip/, so it is ignored`);
  const { directoryBytes, entries: maxEntries } = defaultLimits;
  const found = await findDirectory(source, { subject, maxDirectoryBytes: directoryBytes, maxEntries });
  const { directory, start, length, shift, unused } = found;
  const { base, destination, manifest } = keys;
  const planned = planArchive({
    ...{ subject, base, destination, directory, limits: defaultLimits, budget: defaultPartLimits },
    candidate: { start, length, shift },
    names,
  });
  const { files, bytes, skipped, skippedCount, emptyFolders, parts } = planned;
  const isSmall =
    size <= smallLimits.packedBytes && files <= smallLimits.files && bytes <= smallLimits.unpackedBytes;
  const objects: { key: string; size: number; name?: string }[] = [];
  for (const { record, path, name } of filesToExtract(planned.sortedDirectory ?? directory, planned.naming)) {
    const object = { key: destination + path, size: record.size };
    objects.push(name === undefined ? object : { ...object, name });
  }
  return {
    ...{ archive: `oss://${bucket}/${key}`, size, destination, manifest, files, bytes },
    ...(isSmall ? { steps: 'one activity' } : { steps: `${parts.length} parts` }),
    ...{ emptyFolders, skippedCount, skipped, unused, objects },
  };
}

function print(planned: Awaited<ReturnType<typeof plan>>): void {
  const { destination, files, bytes, steps, objects, skipped, skippedCount, unused, emptyFolders } = planned;
  console.log(`would be unpacked to ${destination} in ${steps}; files: ${files}, bytes: ${bytes}`);
  for (const { key, size, name } of objects.slice(0, MAX_SHOWN)) {
    const was = name === undefined ? '' : `  (in the archive: ${oneLine(JSON.stringify(name))})`;
    console.log(`  ${oneLine(key)}  ${size} bytes${was}`);
  }
  if (objects.length > MAX_SHOWN) console.log(`  … ${objects.length - MAX_SHOWN} more; --json shows all`);
  if (skippedCount > 0) console.log(`skipped: ${skippedCount}`);
  for (const { name, reason } of skipped.slice(0, MAX_SHOWN)) console.log(`  ${oneLine(name)}  ${reason}`);
  if (skippedCount > MAX_SHOWN) console.log(`  … ${skippedCount - MAX_SHOWN} more`);
  if (emptyFolders > 0) console.log(`empty folders, which OSS does not have: ${emptyFolders}`);
  for (const { start, end } of unused) console.log(`bytes that belong to no entry: ${start} to ${end}`);
}

async function openFile(path: string): Promise<ArchiveSource> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new CommandError(`cannot read ${path}: ${messageOf(error)}`);
  });
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw new CommandError(`cannot read ${path}: it is ${stats.isDirectory() ? 'a folder' : 'not a file'}`);
  }
  const { size } = stats;
  return {
    ...{ bucket: 'bucket', key: `zip/${basename(path)}`, size, nameOptions: {} },
    async read(start, end) {
      const buffer = Buffer.alloc(Math.max(0, end - start));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

async function openObject(url: string): Promise<ArchiveSource> {
  const ref = parseOssUrl('<archive>', url);
  const store = openOss(readCliConfig());
  const head = await store.head(ref);
  if (head === undefined) throw new CommandError(`${url} does not exist`);
  const { metadata } = head;
  const labels = { subject: url, charsets: 'x-oss-meta-sluice-charsets', unsafe: 'x-oss-meta-sluice-unsafe' };
  const given = { charsets: metadata['sluice-charsets'], unsafe: metadata['sluice-unsafe'] };
  return {
    ...{ ...ref, size: head.size, nameOptions: readNameOptions(given, labels) },
    async read(start, end) {
      const chunks: Buffer[] = [];
      if (end > start) for await (const chunk of store.read(head, { start, end })) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    close: async () => {},
  };
}
