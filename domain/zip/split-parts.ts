import type { PartLimits } from '../unzip/limits.ts';
import { LOCAL_HEADER_MAX_BYTES } from './local-header.ts';

/**
 * A contiguous slice of an archive: some entries of its directory, and the bytes that hold their data. This object is
 * small enough for Temporal's payloads, however large the archive is.
 */
export interface Part {
  readonly index: number;
  /** The start of the slice of the directory that describes the part. */
  readonly directoryOffset: number;
  /** The length of that slice. */
  readonly directoryLength: number;
  /** The number of files. */
  readonly files: number;
  /** The start of the slice of the archive that holds the part's data. */
  readonly dataStart: number;
  /** The end of that slice (exclusive). */
  readonly dataEnd: number;
  /** Uncompressed bytes. */
  readonly bytes: number;
  /** True for a part of one file that is too big for an ordinary part. It is processed in windows. */
  readonly big: boolean;
}

/**
 * Where a file is: the position of its record in the directory, and of its local header. The data follows the header.
 */
export interface PlacedFile {
  readonly recordAt: number;
  readonly recordLength: number;
  readonly localHeaderAt: number;
  readonly compressedSize: number;
  readonly size: number;
}

/** The maximum number of unneeded bytes between two files of a part. They are downloaded too. */
const MAX_GAP_BYTES = 1024 * 1024;

/** The desired maximum number of parts. With more parts, a run's history could become too long. */
const TARGET_PARTS = 1_000;

/** Splits files, in the order of their data, into parts within the limits. The data ends at `dataLimit`. */
export function* splitParts(
  files: Iterable<PlacedFile>,
  {
    budget,
    dataLimit,
    totalInput,
    totalOutput,
  }: { budget: PartLimits; dataLimit: number; totalInput: number; totalOutput: number },
): Generator<Part> {
  const inputBytes = Math.max(budget.inputBytes, Math.ceil(totalInput / TARGET_PARTS));
  const outputBytes = Math.max(budget.outputBytes, inputBytes * 4, Math.ceil(totalOutput / TARGET_PARTS));
  const isBig = (file: PlacedFile): boolean =>
    file.size > budget.outputBytes || file.compressedSize > budget.inputBytes;

  let draft: PartDraft | undefined;
  let index = 0;
  for (const file of files) {
    if (draft !== undefined && !fits(draft, file)) {
      yield toPart(draft, Math.min(draft.maxEnd, file.localHeaderAt), index++);
      draft = undefined;
    }
    draft = extendPart(draft, file, isBig(file));
  }
  if (draft !== undefined) yield toPart(draft, Math.min(draft.maxEnd, dataLimit), index);

  function fits(part: PartDraft, file: PlacedFile): boolean {
    return (
      !part.big &&
      !isBig(file) &&
      part.files < budget.entries &&
      part.bytes + file.size <= outputBytes &&
      file.localHeaderAt + file.compressedSize - part.dataStart <= inputBytes &&
      file.localHeaderAt - part.minEnd <= MAX_GAP_BYTES
    );
  }
}

interface PartDraft {
  directoryOffset: number;
  directoryEnd: number;
  dataStart: number;
  /**
   * The earliest possible end of the data. The exact end is unknown, because the local header has a variable length.
   */
  minEnd: number;
  /** The latest possible end of the data. */
  maxEnd: number;
  files: number;
  bytes: number;
  big: boolean;
}

function extendPart(part: PartDraft | undefined, file: PlacedFile, big: boolean): PartDraft {
  const end = file.localHeaderAt + file.compressedSize;
  return {
    directoryOffset: part?.directoryOffset ?? file.recordAt,
    directoryEnd: file.recordAt + file.recordLength,
    dataStart: part?.dataStart ?? file.localHeaderAt,
    minEnd: end,
    maxEnd: end + LOCAL_HEADER_MAX_BYTES,
    files: (part?.files ?? 0) + 1,
    bytes: (part?.bytes ?? 0) + file.size,
    big,
  };
}

function toPart(part: PartDraft, dataEnd: number, index: number): Part {
  return {
    index,
    directoryOffset: part.directoryOffset,
    directoryLength: part.directoryEnd - part.directoryOffset,
    files: part.files,
    dataStart: part.dataStart,
    dataEnd,
    bytes: part.bytes,
    big: part.big,
  };
}
