import type { UnusedBytes } from '../zip/archive-file.ts';
import type { EarlierEntryNameRules, EntryNameRules, NameOptions } from '../zip/entry-name-rules.ts';
import type { Part } from '../zip/split-parts.ts';
import type { ArchiveKeys } from './archive-key.ts';

/** A reference to the CloudEvent that started the run. */
export interface EventRef {
  readonly source: string;
  readonly id: string;
}

/** The object that an event is about. `etag` is the version that the event names; absent if the event names none. */
export interface UnzipObjectInput {
  readonly bucket: string;
  readonly key: string;
  readonly etag?: string;
  /** Charsets of entry names. A route may set them for its archives. */
  readonly charsets?: string | readonly string[];
  /** The policy for unsafe names. A route may set it for its archives. */
  readonly unsafe?: string;
}

/** One version of an archive, and where its files go. */
export interface Archive extends ArchiveKeys {
  readonly bucket: string;
  readonly key: string;
  /** Upper case, without quotes. */
  readonly etag: string;
  readonly size: number;
  /** What the route or the object's metadata decides about entry names. The worker's settings decide the rest. */
  readonly names?: Partial<NameOptions>;
  /** True if the archive is small enough to be read whole. */
  readonly small?: boolean;
}

/** Returns the name of an archive for messages. */
export const archiveLabel = ({ bucket, key }: { bucket: string; key: string }): string =>
  `archive oss://${bucket}/${key}`;

/** Where the central directory is: in the archive, or in a run object. Each part refers to a slice of the directory. */
export interface DirectoryLocation {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  readonly offset: number;
}

/** The plan for an archive. It lists parts and not entries, so that it stays small. */
export interface UnzipPlan {
  readonly directory: DirectoryLocation;
  /** Added to the offsets in the directory. */
  readonly shift: number;
  readonly naming: EntryNameRules | EarlierEntryNameRules;
  readonly files: number;
  readonly bytes: number;
  readonly skipped: number;
  readonly parts: readonly Part[];
  /** Absent in plans that an earlier version of Sluice made. */
  readonly report?: PlanReport;
}

/** What the manifest says about the archive, in addition to the list of its files. */
export interface PlanReport {
  /** The number of folders without any file or folder, which are not stored. */
  readonly emptyFolders: number;
  /** The number of skipped entries, if the manifest lists only the first of them. */
  readonly skippedCount?: number;
  /** Bytes of the archive file that belong to no entry. */
  readonly unused?: readonly UnusedBytes[];
}

/** One attempt at a part. Each attempt starts with the download. */
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

/** A file that is too big for a normal part, with its open multipart upload. */
export interface BigFile {
  readonly key: string;
  /** The name in the archive, if it was changed. */
  readonly name?: string;
  readonly method: number;
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: number;
  /** The offset of the file's data in the archive. */
  readonly dataStart: number;
  readonly uploadId: string;
  /** The size of a part of the upload. The last part may be shorter. */
  readonly partBytes: number;
  /** A slab has this many bytes (a multiple of `partBytes`). It is extracted to the scratch disk, then uploaded. */
  readonly slabBytes: number;
}

/** The result of `unzipObject`. */
export interface UnzipResult {
  readonly outcome: 'completed' | 'superseded' | 'ignored';
  readonly note: string;
  readonly files?: number;
  readonly bytes?: number;
  readonly skipped?: number;
  readonly destination?: string;
  readonly manifest?: string;
  /** True if no event needs to be sent: no sink is configured, and the log already has the completion event. */
  readonly announced?: true;
}
