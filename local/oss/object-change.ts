/** The changes that OSS announces, by the API operation that made them. */
export type ChangeName =
  | 'PutObject'
  | 'CopyObject'
  | 'CompleteMultipartUpload'
  | 'InitiateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'AbortMultipartUpload';

/** Which request makes a change; `id` is unique per change. */
export interface ChangeOrigin {
  readonly name: ChangeName;
  readonly id: string;
  readonly requestId: string;
  readonly sourceIp: string;
}

/** One change of an object: `etag` upper-case without quotes, sizes in bytes, `deltaBytes` negative when it shrank. */
export interface ObjectChange extends ChangeOrigin {
  readonly bucket: string;
  readonly key: string;
  readonly timeMs: number;
  readonly etag: string;
  readonly size: number;
  readonly deltaBytes: number;
}

/**
 * Told of every change inside the transaction that makes it: what it writes to the same database is there exactly
 * when the change is. It must not wait.
 */
export interface ObjectChangePublisher {
  publish(change: ObjectChange): void;
}
