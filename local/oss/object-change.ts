/** The changes that OSS publishes as events, named after the API operation. */
export type ChangeName =
  | 'PutObject'
  | 'PostObject'
  | 'AppendObject'
  | 'CopyObject'
  | 'CompleteMultipartUpload'
  | 'InitiateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'AbortMultipartUpload';

/** The cause of a change: the operation and its request. `id` is unique per change. */
export interface ChangeCause {
  readonly name: ChangeName;
  readonly id: string;
  readonly requestId: string;
  readonly sourceIp: string;
}

/** A change of an object. `etag` is in upper case without quotes, sizes are in bytes, `deltaBytes` may be negative. */
export interface ObjectChange extends ChangeCause {
  readonly bucket: string;
  readonly key: string;
  readonly timeMs: number;
  readonly etag: string;
  readonly size: number;
  readonly deltaBytes: number;
}

/**
 * Receives every change inside the transaction that makes it. If the publisher writes to the same database,
 * its writes are committed together with the change. `publish` must be synchronous.
 */
export interface ObjectChangePublisher {
  publish(change: ObjectChange): void;
}
