/** An object by name, as messages and calls need it. */
export interface ObjectRef {
  readonly bucket: string;
  readonly key: string;
}

/** One version of an object. `etag` is as the store gives it, upper case, without quotes. */
export interface ObjectVersion extends ObjectRef {
  readonly etag: string;
  readonly size: number;
}

/** Bytes `start` to `end`, the last one not included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What the store says of bytes it took: the CRC-64 (ECMA-182, reflected) of them, as a decimal string. */
export interface StoredChecksum {
  readonly crc64: string | undefined;
}

/** A part of a multipart upload that the store already has. */
export interface UploadedPart {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
}

/**
 * An object store such as OSS. Every call has a deadline of its own, takes an abort signal that is honoured before
 * the call and while reading, and throws `InvalidInput` or `Unavailable` with the store's reason in one sentence:
 * `NoSuchBucket`, `AccessDenied`, `SourceGone` (no such object), `SourceChanged` (another version), …
 */
export interface ObjectStore {
  /** The object's current version, or undefined when there is none. */
  head(ref: ObjectRef, signal?: AbortSignal): Promise<(ObjectVersion & StoredChecksum) | undefined>;
  /** A slice of exactly this version, in pieces; never the whole object in place of the slice. */
  read(version: ObjectVersion, range: ByteRange, signal?: AbortSignal): AsyncIterable<Buffer>;
  /** A whole small object of ours, or undefined when there is none; over `limit` bytes it is an error. */
  get(ref: ObjectRef, limit: number, signal?: AbortSignal): Promise<Buffer | undefined>;
  put(ref: ObjectRef, body: Buffer, signal?: AbortSignal): Promise<StoredChecksum>;
  /** Puts `size` bytes as they come; a source that throws leaves no object. */
  putStream(
    ref: ObjectRef,
    body: AsyncIterable<Buffer>,
    size: number,
    signal?: AbortSignal,
  ): Promise<StoredChecksum>;
  /** The keys with this prefix, in the store's order. */
  list(bucket: string, prefix: string, signal?: AbortSignal): AsyncIterable<string>;
  /** Removes objects; those that are not there count as removed. */
  remove(bucket: string, keys: readonly string[], signal?: AbortSignal): Promise<void>;

  startUpload(ref: ObjectRef, signal?: AbortSignal): Promise<string>;
  uploadPart(
    ref: ObjectRef,
    part: { uploadId: string; number: number; body: Buffer },
    signal?: AbortSignal,
  ): Promise<StoredChecksum>;
  uploadedParts(ref: ObjectRef, uploadId: string, signal?: AbortSignal): Promise<UploadedPart[]>;
  completeUpload(
    ref: ObjectRef,
    uploadId: string,
    parts: readonly UploadedPart[],
    signal?: AbortSignal,
  ): Promise<StoredChecksum>;
  /** Gives up every unfinished upload of exactly this object, so that no half-written one is left. */
  abandonUploads(ref: ObjectRef, signal?: AbortSignal): Promise<void>;
}
