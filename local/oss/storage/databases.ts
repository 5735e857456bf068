import type { Database } from 'lmdb';
import type { LocalDatabase } from '../../database.ts';
import type { ObjectAddress, StoredBucket, StoredObject, StoredPart, StoredUpload } from './records.ts';

/** The LMDB databases of the object store. Their keys are bytes, in the order in which OSS lists them. */
export interface OssDatabases {
  readonly buckets: Database<StoredBucket, Buffer>;
  readonly objects: Database<StoredObject, Buffer>;
  readonly uploads: Database<StoredUpload, Buffer>;
  readonly parts: Database<StoredPart, Buffer>;
  /** Runs `change` in one transaction. An exception rolls everything back. */
  write<T>(change: () => T): T;
}

export function openOssDatabases(database: LocalDatabase): OssDatabases {
  const table = <T>(name: string) =>
    database.openDB<T, Buffer>({ name: `oss.${name}`, keyEncoding: 'binary' });
  return {
    buckets: table('buckets'),
    objects: table('objects'),
    uploads: table('uploads'),
    parts: table('parts'),
    write: (change) => database.transactionSync(change),
  };
}

export const UPLOAD_ID_LENGTH = 32;

/** Bucket names contain no NUL, so all keys of a bucket are contiguous and in byte order. */
export const objectKey = ({ bucket, key }: ObjectAddress): Buffer => Buffer.from(`${bucket}\0${key}`);

/** Returns the object's key, without the bucket, from a key of the database `objects`. */
export const keyWithin = (bucket: string, key: Buffer): string => key.toString('utf8', bucket.length + 1);

/** Uploads of one key are ordered by their ids, which all have the same length. */
export const uploadKey = (at: ObjectAddress, uploadId: string): Buffer =>
  Buffer.from(`${at.bucket}\0${at.key}\0${uploadId}`);

export const partKey = (uploadId: string, number: number): Buffer => {
  const key = Buffer.alloc(UPLOAD_ID_LENGTH + 2);
  key.write(uploadId, 'latin1');
  key.writeUInt16BE(number, UPLOAD_ID_LENGTH);
  return key;
};

/** Returns the first key after all keys that begin with `prefix`, or undefined if there is none. */
export function afterPrefix(prefix: Buffer): Buffer | undefined {
  for (let length = prefix.length; length > 0; length -= 1) {
    const last = prefix[length - 1];
    if (last !== undefined && last < 0xff) {
      const next = Buffer.from(prefix.subarray(0, length));
      next[length - 1] = last + 1;
      return next;
    }
  }
  return undefined;
}
