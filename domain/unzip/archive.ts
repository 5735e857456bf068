import type { EntryNameRules } from '../zip/entry-name-rules.ts';
import type { Part } from '../zip/split-parts.ts';
import type { ArchiveKeys } from './archive-key.ts';

/** The CloudEvent that asked for the work. */
export interface EventRef {
  readonly source: string;
  readonly id: string;
}

/** The object that an event is about; `etag` is its version then, absent when the event told none. */
export interface UnzipObjectInput {
  readonly bucket: string;
  readonly key: string;
  readonly etag?: string;
}

/** An archive pinned to one version, and where its files belong. */
export interface Archive extends ArchiveKeys {
  readonly bucket: string;
  readonly key: string;
  /** Upper case, without quotes. */
  readonly etag: string;
  readonly size: number;
}

/** How messages name an archive. */
export const archiveLabel = ({ bucket, key }: { bucket: string; key: string }): string =>
  `archive oss://${bucket}/${key}`;

/** Where a run finds the directory that the parts are slices of: in the archive itself, or in a note of the run. */
export interface DirectoryLocation {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  readonly offset: number;
}

/** How an archive is going to be unpacked: numbers and places only, never its names. */
export interface UnzipPlan {
  readonly directory: DirectoryLocation;
  /** Added to the offsets in the directory. */
  readonly shift: number;
  readonly naming: EntryNameRules;
  readonly files: number;
  readonly bytes: number;
  readonly skipped: number;
  readonly parts: readonly Part[];
}

/** One part's work, for one attempt at it from the start. */
export interface PartTask {
  readonly archive: Archive;
  readonly runId: string;
  readonly attempt: number;
  readonly plan: Pick<UnzipPlan, 'directory' | 'shift' | 'naming'>;
  readonly part: Part;
}

export interface FileTotals {
  readonly files: number;
  readonly bytes: number;
}

/** A file too big for the scratch disk, with its multipart upload opened. */
export interface BigFile {
  readonly key: string;
  readonly method: number;
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: number;
  /** The first byte of its data in the source. */
  readonly dataStart: number;
  readonly uploadId: string;
  /** Bytes of one part of the upload; the last may be shorter. */
  readonly partBytes: number;
  /** Bytes that are extracted to the scratch disk before they are uploaded: whole parts. */
  readonly slabBytes: number;
}

/** What an event's run of `unzipObject` answers. */
export interface UnzipResult {
  readonly outcome: 'completed' | 'superseded' | 'ignored';
  readonly note: string;
  readonly files?: number;
  readonly bytes?: number;
  readonly skipped?: number;
  readonly destination?: string;
  readonly manifest?: string;
}
