import { type Archive, archiveLabel } from '../../domain/unzip/archive.ts';
import { type FoundDirectory, findDirectory, readDirectoryAt } from '../../domain/zip/find-directory.ts';
import type { ArchivePlan, UnknownSizes } from '../../domain/zip/plan-archive.ts';
import { withMeasuredSizes } from '../../domain/zip/wrapped-sizes.ts';
import type { ByteRange } from '../../ports/object-store.ts';
import { type MeasureTask, measureSizes } from './measure-sizes.ts';
import {
  planInChildIfLarge,
  planOrListUnmeasuredFilesInChildIfLarge,
  summarizeInChildIfLarge,
} from './plan-in-child-process.ts';
import { pauseBetweenTurns } from './turn.ts';
import type { UnzipDeps } from './unzip-deps.ts';

export interface PlannedEntries {
  readonly found: Omit<FoundDirectory, 'directory'>;
  /** The directory with the real offsets and sizes. */
  readonly directory: Buffer;
  /** True if the directory in the archive has other offsets or sizes. */
  readonly isRewritten: boolean;
  readonly planned: ArchivePlan;
}

export interface DirectoryMemory {
  /** Waits until a directory of up to this many bytes may be in memory. */
  readonly admit: (directoryBytes: number) => Promise<void>;
  /** Call this when the directory is no longer in memory. */
  readonly release: () => void;
}

export interface Reading {
  readonly read: (range: ByteRange) => AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
  readonly memory: DirectoryMemory;
  /** How far the measurement of sizes is. */
  readonly measuring: Pick<MeasureTask, 'previous' | 'previousMs' | 'onMeasured' | 'onTime'>;
}

/**
 * Finds and plans the central directory. Some files must be inflated to find their sizes, which can take minutes.
 * Meanwhile, the directory is not in memory, so that other archives can be planned.
 */
export async function planEntries(
  { limits, partLimits, names }: UnzipDeps,
  archive: Archive,
  { read, signal, memory, measuring }: Reading,
): Promise<PlannedEntries> {
  const slice = async (start: number, end: number): Promise<Buffer> => {
    if (end <= start) return Buffer.alloc(0);
    const bytes = Buffer.allocUnsafe(end - start);
    let filled = 0;
    for await (const chunk of read({ start, end })) filled += chunk.copy(bytes, filled);
    return bytes;
  };
  const subject = archiveLabel(archive);
  const find = (): Promise<FoundDirectory> =>
    findDirectory(
      { size: archive.size, read: slice },
      {
        ...{ subject, maxDirectoryBytes: limits.directoryBytes, maxEntries: limits.entries },
        ...{ summarize: summarizeInChildIfLarge(limits, signal), pause: pauseBetweenTurns(signal) },
        admit: memory.admit,
      },
    );
  const inputOf = (directory: Buffer, { start, length, shift }: Omit<FoundDirectory, 'directory'>) => ({
    ...{ subject, directory, candidate: { start, length, shift }, limits, budget: partLimits },
    names: { ...names, ...archive.names },
    ...{ base: archive.base, destination: archive.destination },
  });

  const first = await planFound(await find());
  if ('planned' in first) return first;
  const { found, unknown } = first;
  memory.release();
  const toMeasure = { ...unknown, ...measuring, subject, maxFileBytes: limits.entryBytes };
  const sizes = await measureSizes(toMeasure, read, signal);
  await memory.admit(found.length);
  const directory = withMeasuredSizes(await readDirectoryAt(found, slice), sizes);
  const planned = await planInChildIfLarge(inputOf(directory, found), signal);
  return { found, directory, planned, isRewritten: found.wrapped || sizes.size > 0 };

  // A function of its own, so that the directory can be freed when it returns.
  async function planFound({
    directory,
    ...found
  }: FoundDirectory): Promise<
    PlannedEntries | { found: Omit<FoundDirectory, 'directory'>; unknown: UnknownSizes }
  > {
    const { wrapped } = found;
    const planned = await planOrListUnmeasuredFilesInChildIfLarge(
      { ...inputOf(directory, found), wrapped },
      signal,
    );
    if ('filesOfUnknownSize' in planned) return { found, unknown: planned };
    return { found, directory, planned, isRewritten: wrapped };
  }
}
