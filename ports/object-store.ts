/** The name of an object. */
export interface ObjectRef {
  readonly bucket: string;
  readonly key: string;
}

/** One version of an object. `etag` is in upper case, without quotes. */
export interface ObjectVersion extends ObjectRef {
  readonly etag: string;
  readonly size: number;
}

/** The bytes from `start` to `end`, exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The store's checksum of an object: CRC-64 (ECMA-182, reflected), as a decimal string. */
export interface StoredChecksum {
  readonly crc64: string | undefined;
}

/** What the store knows about an object. The names of `metadata` are in lower case, without `x-oss-meta-`. */
export interface ObjectHead extends ObjectVersion, StoredChecksum {
  readonly metadata: Readonly<Record<string, string>>;
}

/** A part of a multipart upload that the store already has. */
export interface UploadedPart {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
}

/**
 * An object store such as OSS. Every call has its own timeout. A call checks its abort signal before it starts and
 * while it reads. It throws `InvalidInput` or `Unavailable` with the store's reason in one sentence: `NoSuchBucket`,
 * `AccessDenied`, `SourceGone` (no such object), `SourceChanged` (the object has another version now), …
 */
export interface ObjectStore {
  /** Returns the object's current version, or undefined if the object does not exist. */
  head(ref: ObjectRef, signal?: AbortSignal): Promise<ObjectHead | undefined>;
  /**
   * Yields a range of exactly this version, in pieces. Yields nothing for an empty range. Never yields the whole object
   * instead of the range.
   */
  read(version: ObjectVersion, range: ByteRange, signal?: AbortSignal): AsyncIterable<Buffer>;
  /** Returns a small object, or undefined if the object does not exist. Throws if it has more than `limit` bytes. */
  get(ref: ObjectRef, limit: number, signal?: AbortSignal): Promise<Buffer | undefined>;
  put(ref: ObjectRef, body: Buffer, signal?: AbortSignal): Promise<StoredChecksum>;
  /** Stores a stream of `size` bytes. If the stream throws, no object is stored. */
  putStream(
    ref: ObjectRef,
    body: AsyncIterable<Buffer>,
    size: number,
    signal?: AbortSignal,
  ): Promise<StoredChecksum>;
  /** Yields the keys with this prefix, in the store's order. */
  list(bucket: string, prefix: string, signal?: AbortSignal): AsyncIterable<string>;
  /** Deletes objects. Missing objects count as deleted. */
  remove(bucket: string, keys: readonly string[], signal?: AbortSignal): Promise<void>;

  /** Starts a multipart upload, and returns the upload's id. */
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
  /** Aborts every unfinished multipart upload of exactly this object. */
  abandonUploads(ref: ObjectRef, signal?: AbortSignal): Promise<void>;
}
