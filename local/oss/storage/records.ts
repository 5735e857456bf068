/** A file with a contiguous slice of an object's content; `file` is its id, `size` its bytes. */
export interface Segment {
  readonly file: string;
  readonly size: number;
}

/** What is known of content that was received: `etag` without quotes, `crc64` decimal, `md5` in base64. */
export interface Content {
  readonly size: number;
  readonly etag: string;
  readonly md5: string;
  readonly crc64: string;
  readonly segments: readonly Segment[];
}

/** An object as it is listed and read; an object of several parts has no MD5. */
export interface StoredObject {
  readonly size: number;
  readonly etag: string;
  readonly md5?: string;
  readonly crc64: string;
  readonly segments: readonly Segment[];
  readonly modifiedMs: number;
  readonly kind: 'Normal' | 'Multipart';
  /** Kept headers by lower-case name, each value as the bytes that came, one character a byte. */
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

/** Where an object is, or will be. */
export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}
