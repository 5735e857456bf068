/** A file with a contiguous slice of an object's content. `file` is its id, `size` is in bytes. */
export interface Segment {
  readonly file: string;
  readonly size: number;
}

/** Received content: `etag` without quotes, `crc64` in decimal, `md5` in base64. */
export interface Content {
  readonly size: number;
  readonly etag: string;
  readonly md5: string;
  readonly crc64: string;
  readonly segments: readonly Segment[];
}

/** A stored object. A multipart object has no MD5. */
export interface StoredObject {
  readonly size: number;
  readonly etag: string;
  readonly md5?: string;
  readonly crc64: string;
  readonly segments: readonly Segment[];
  readonly modifiedMs: number;
  readonly kind: 'Normal' | 'Multipart' | 'Appendable';
  /** Stored headers by lower-case name. Each value has one character per received byte. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredBucket {
  readonly createdMs: number;
  readonly acl: string;
}

/** A multipart upload that is neither completed nor aborted. */
export interface StoredUpload {
  readonly initiatedMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredPart extends Content {
  readonly modifiedMs: number;
}

/** Where an object is stored. */
export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}
