import { writeSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { archiveLabel, type FileTotals, type PartTask } from '../../domain/unzip/archive.ts';
import { ndjson, ndjsonLines } from '../../domain/unzip/run-object-keys.ts';
import { type DirectoryRecord, readDirectory } from '../../domain/zip/directory-record.ts';
import { entryActionReader, quotedEntryName } from '../../domain/zip/entry-name-rules.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { translateDiskError } from './download.ts';
import {
  locateData,
  openData,
  readSmallContent,
  SlidingReader,
  SMALL_FILE_BYTES,
  streamLargeContent,
  withEntryName,
} from './entry-data.ts';
import { type PackedFile, partFilesOf } from './part-files.ts';
import { ScratchLost } from './scratch-space.ts';
import { Turn } from './turn.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/**
 * Extracts a downloaded part into one pack file with an index, and checks the length and the CRC-32 of every entry. All
 * entries go into one file, so no entry name is ever used as a path on the disk.
 */
export function extract(deps: UnzipDeps, task: PartTask): Promise<FileTotals> {
  const { scratch } = deps;
  const { runId, part } = task;
  const files = partFilesOf(task);
  const tally = { files: 0, bytes: 0 };
  return withHeartbeat(
    () => ({ ...tally, of: part.files }),
    async (signal) => {
      if (await scratch.has(runId, files.index)) {
        return await totalsOf(scratch.path(runId, files.index));
      }
      const centralDirectory = await readFile(scratch.path(runId, files.centralDirectory)).catch(() => {
        throw new ScratchLost(`part ${part.index} of ${archiveLabel(task.archive)}`);
      });
      const packPath = scratch.path(runId, files.pack);
      const data = await open(scratch.path(runId, files.data)).catch(() => {
        throw new ScratchLost(`part ${part.index} of ${archiveLabel(task.archive)}`);
      });
      let pack: FileHandle | undefined;
      try {
        pack = await open(`${packPath}.tmp`, 'w');
        const packed = await unpack(
          { task, centralDirectory, data, pack, tally, dataPath: scratch.path(runId, files.data) },
          signal,
        );
        await rename(`${packPath}.tmp`, packPath);
        await scratch.write(runId, files.index, ndjson(packed));
      } catch (error) {
        throw translateDiskError(error, packPath);
      } finally {
        await data.close();
        await pack?.close();
      }
      await rm(scratch.path(runId, files.data), { force: true });
      return tally;
    },
  );
}

async function totalsOf(indexPath: string): Promise<FileTotals> {
  const packed = [...ndjsonLines(await readFile(indexPath))] as PackedFile[];
  return { files: packed.length, bytes: packed.reduce((sum, [, , size]) => sum + size, 0) };
}

interface UnpackJob {
  readonly task: PartTask;
  readonly centralDirectory: Buffer;
  readonly data: FileHandle;
  readonly dataPath: string;
  readonly pack: FileHandle;
  readonly tally: { files: number; bytes: number };
}

async function unpack(job: UnpackJob, signal: AbortSignal): Promise<PackedFile[]> {
  const { task, centralDirectory, data, dataPath, pack, tally } = job;
  const { archive, part, plan } = task;
  const actionFor = entryActionReader(plan.naming);
  const reader = new SlidingReader(data.fd);
  const packed: PackedFile[] = [];
  const turn = new Turn();

  for (const record of readDirectory(centralDirectory)) {
    if (turn.isOver()) await turn.startNext();
    const entry = actionFor(record);
    if (entry.action !== 'extract') continue;
    signal.throwIfAborted();
    try {
      await unpackEntry(record);
    } catch (error) {
      throw withEntryName(error, `${archiveLabel(archive)}: entry ${quotedEntryName(record, plan.naming)}`);
    }
    const file = [archive.destination + entry.path, tally.bytes, record.size, record.crc32] as const;
    packed.push(entry.name === undefined ? file : [...file, entry.name]);
    tally.files += 1;
    tally.bytes += record.size;
  }
  return packed;

  async function unpackEntry(record: DirectoryRecord): Promise<void> {
    const offset = record.localOffset + plan.shift - part.dataStart;
    const start = locateData(reader, offset, part.dataEnd - part.dataStart);
    if (isSmall(record)) {
      writeAll(pack.fd, readSmallContent(record, reader.slice(start, record.compressedSize)), tally.bytes);
      return;
    }
    let at = tally.bytes;
    for await (const chunk of streamLargeContent(record, openData(record, dataPath, start))) {
      signal.throwIfAborted();
      await pack.write(chunk, 0, chunk.length, at);
      at += chunk.length;
    }
  }
}

const isSmall = ({ size, compressedSize }: DirectoryRecord): boolean =>
  size <= SMALL_FILE_BYTES && compressedSize <= SMALL_FILE_BYTES;

function writeAll(fd: number, content: Buffer, at: number): void {
  for (let done = 0; done < content.length; ) {
    done += writeSync(fd, content, done, content.length - done, at + done);
  }
}
