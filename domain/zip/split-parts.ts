import type { PartLimits } from '../unzip/limits.ts';
import { LOCAL_HEADER_MAX_BYTES } from './local-header.ts';

/**
 * A contiguous slice of an archive: some entries of its directory, and the bytes of the source that hold their data.
 * Small enough to pass through Temporal whatever the archive.
 */
export interface Part {
  readonly index: number;
  /** The slice of the directory that describes the part. */
  readonly directoryOffset: number;
  readonly directoryLength: number;
  /** Files in it. */
  readonly files: number;
  /** The slice of the source that holds the data: first byte, and the byte after the last. */
  readonly dataStart: number;
  readonly dataEnd: number;
  /** Uncompressed bytes. */
  readonly bytes: number;
  /** One file too big for the scratch disk: it goes through it in windows. */
  readonly big: boolean;
}

/** A file as the splitter needs it: where its record, its data and its end are. */
export interface PlacedFile {
  readonly recordAt: number;
  readonly recordLength: number;
  readonly offset: number;
  readonly compressedSize: number;
  readonly size: number;
}

/** Bytes between two files that nobody needs are read only while there are fewer than this. */
const MAX_GAP_BYTES = 1024 * 1024;

/** More parts than this would outgrow a run's history; parts grow instead. */
const TARGET_PARTS = 1_000;

/** Cuts files, in the order of their data, into parts within the budget. `dataLimit` is where the data ends. */
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

  let open: PartDraft | undefined;
  let index = 0;
  for (const file of files) {
    if (open !== undefined && !fits(open, file)) {
      yield close(open, Math.min(open.maxEnd, file.offset), index++);
      open = undefined;
    }
    open = extend(open, file, isBig(file));
  }
  if (open !== undefined) yield close(open, Math.min(open.maxEnd, dataLimit), index);

  function fits(part: PartDraft, file: PlacedFile): boolean {
    return (
      !part.big &&
      !isBig(file) &&
      part.files < budget.entries &&
      part.bytes + file.size <= outputBytes &&
      file.offset + file.compressedSize - part.dataStart <= inputBytes &&
      file.offset - part.minEnd <= MAX_GAP_BYTES
    );
  }
}

interface PartDraft {
  directoryOffset: number;
  directoryEnd: number;
  dataStart: number;
  /** The data ends at this byte at least, and at `reach` at most: a local header's length is not known yet. */
  minEnd: number;
  maxEnd: number;
  files: number;
  bytes: number;
  big: boolean;
}

function extend(part: PartDraft | undefined, file: PlacedFile, big: boolean): PartDraft {
  const end = file.offset + file.compressedSize;
  return {
    directoryOffset: part?.directoryOffset ?? file.recordAt,
    directoryEnd: file.recordAt + file.recordLength,
    dataStart: part?.dataStart ?? file.offset,
    minEnd: end,
    maxEnd: end + LOCAL_HEADER_MAX_BYTES,
    files: (part?.files ?? 0) + 1,
    bytes: (part?.bytes ?? 0) + file.size,
    big,
  };
}

function close(part: PartDraft, dataEnd: number, index: number): Part {
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
