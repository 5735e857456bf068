import { InvalidInput } from '../../domain/errors.ts';
import { archiveLabel, type BigFile, type FileTotals, type PartTask } from '../../domain/unzip/archive.ts';
import { crc32Hex, ndjson, runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import { type DirectoryRecord, readDirectory } from '../../domain/zip/directory-record.ts';
import { entryActionReader, quotedEntryName } from '../../domain/zip/entry-name-rules.ts';
import { LOCAL_HEADER_BYTES, localHeaderLength } from '../../domain/zip/local-header.ts';
import type { ByteRange, ObjectVersion, StoredChecksum, UploadedPart } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { checkStoredCrc64 } from './store-content.ts';
import type { UnzipDeps } from './unzip-deps.ts';

const MIB = 1024 * 1024;

/** OSS accepts at most 10,000 parts per upload. Sluice stays below this limit. */
const MAX_UPLOAD_PARTS = 9_000;

/** Aborts the multipart uploads of earlier attempts, and starts the multipart upload of a big file. */
export function openBigFile(deps: UnzipDeps, task: PartTask): Promise<BigFile> {
  const { store } = deps;
  const { archive, part, plan, runId } = task;
  return withHeartbeat(
    () => 'opening the upload',
    async (signal) => {
      const start = plan.directory.offset + part.directoryOffset;
      const range = { start, end: start + part.directoryLength };
      const directory = await readAll(deps, { ...plan.directory, bucket: archive.bucket }, range, signal);
      const [record] = readDirectory(directory);
      if (record === undefined)
        throw new Error(
          `part ${part.index} of ${archiveLabel(archive)} has no entry in the central directory`,
        );
      const entry = `${archiveLabel(archive)}: entry ${quotedEntryName(record, plan.naming)}`;
      const planned = entryActionReader(plan.naming)(record);
      if (planned.action !== 'extract')
        throw new Error(`part ${part.index} of ${archiveLabel(archive)} has an entry that is not a file`);

      const header = { start: part.dataStart, end: part.dataStart + LOCAL_HEADER_BYTES };
      const length = localHeaderLength(await readAll(deps, archive, header, signal), 0);
      if (length === undefined || part.dataStart + length + record.compressedSize > part.dataEnd) {
        throw new InvalidInput('CorruptArchive', `${entry} has no local header at its offset`);
      }
      const ref = { bucket: archive.bucket, key: archive.destination + planned.path };
      await store.put(
        { ...ref, key: runObjectKeysOf(archive, runId).part(part.index) },
        writtenObjectLine({ ...record, ...ref, name: planned.name }),
        signal,
      );
      await store.abandonUploads(ref, signal);
      const partBytes = Math.max(8 * MIB, Math.ceil(record.size / MAX_UPLOAD_PARTS / MIB) * MIB);
      return {
        key: ref.key,
        ...(planned.name === undefined ? {} : { name: planned.name }),
        method: record.method,
        size: record.size,
        compressedSize: record.compressedSize,
        crc32: record.crc32,
        dataStart: part.dataStart + length,
        uploadId: await store.startUpload(ref, signal),
        partBytes,
        slabBytes: partBytes * Math.max(1, Math.floor((64 * MIB) / partBytes)),
      };
    },
  );
}

/** Completes the upload from the parts that the store has, and records the file in the run object of the part. */
export function closeBigFile(
  { store }: UnzipDeps,
  { task, file, crc64 }: { task: PartTask; file: BigFile; crc64: string },
): Promise<FileTotals> {
  const { archive, part, runId } = task;
  const ref = { bucket: archive.bucket, key: file.key };
  return withHeartbeat(
    () => 'completing the upload',
    async (signal) => {
      checkStoredCrc64(await complete(signal), crc64, ref);
      const runObject = {
        bucket: archive.bucket,
        key: runObjectKeysOf(archive, runId).part(part.index),
      };
      await store.put(runObject, writtenObjectLine(file, crc64), signal);
      return { files: 1, bytes: file.size };
    },
  );

  async function complete(signal: AbortSignal): Promise<StoredChecksum> {
    let parts: UploadedPart[];
    try {
      parts = await store.uploadedParts(ref, file.uploadId, signal);
    } catch (error) {
      // An earlier attempt may have completed the upload and then crashed. The caller checks the object's checksum.
      const existing = await store.head(ref, signal);
      if (error instanceof InvalidInput && error.type === 'NoSuchUpload' && existing?.size === file.size)
        return existing;
      throw error;
    }
    const stored = parts.reduce((sum, { size }) => sum + size, 0);
    if (stored !== file.size) {
      throw new Error(
        `oss://${ref.bucket}/${ref.key}: ${stored} bytes are uploaded, but the file has ${file.size}`,
      );
    }
    return await store.completeUpload(ref, file.uploadId, parts, signal);
  }
}

/** Aborts all unfinished uploads of a big file. */
export function abandonBigFile(
  { store }: UnzipDeps,
  { task, file }: { task: PartTask; file: BigFile },
): Promise<void> {
  return withHeartbeat(
    () => 'aborting the upload',
    (signal) => store.abandonUploads({ bucket: task.archive.bucket, key: file.key }, signal),
  );
}

function writtenObjectLine(
  {
    key,
    name,
    size,
    crc32,
  }: Pick<DirectoryRecord, 'size' | 'crc32'> & { key: string; name?: string | undefined },
  crc64?: string,
): Buffer {
  return ndjson([
    {
      ...{ key, size, crc32: crc32Hex(crc32) },
      ...(crc64 === undefined ? {} : { crc64 }),
      ...(name === undefined ? {} : { name }),
    },
  ]);
}

async function readAll(
  { store }: Pick<UnzipDeps, 'store'>,
  version: ObjectVersion,
  range: ByteRange,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.read(version, range, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
