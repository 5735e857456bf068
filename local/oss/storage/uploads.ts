import { randomUUID } from 'node:crypto';
import type { ChangeCause, ObjectChangePublisher } from '../object-change.ts';
import { noSuchUpload } from '../oss-error.ts';
import type { Buckets } from './buckets.ts';
import type { ContentFiles } from './content-files.ts';
import {
  afterPrefix,
  keyWithin,
  type OssDatabases,
  partKey,
  UPLOAD_ID_LENGTH,
  uploadKey,
} from './databases.ts';
import type { Objects } from './objects.ts';
import type { Content, ObjectAddress, Segment, StoredObject, StoredPart, StoredUpload } from './records.ts';

export interface NumberedPart {
  readonly number: number;
  readonly part: StoredPart;
}

export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly upload: StoredUpload;
}

/** Unfinished multipart uploads. */
export class Uploads {
  readonly #tables: OssDatabases;
  readonly #buckets: Buckets;
  readonly #objects: Objects;
  readonly #content: ContentFiles;
  readonly #publisher: ObjectChangePublisher;

  constructor(
    tables: OssDatabases,
    buckets: Buckets,
    objects: Objects,
    content: ContentFiles,
    publisher: ObjectChangePublisher,
  ) {
    this.#tables = tables;
    this.#buckets = buckets;
    this.#objects = objects;
    this.#content = content;
    this.#publisher = publisher;
  }

  /** Begins an upload and returns its id. The object gets `headers`. */
  begin(at: ObjectAddress, headers: StoredUpload['headers'], cause: ChangeCause): string {
    const uploadId = randomUUID().replaceAll('-', '').toUpperCase();
    this.#tables.write(() => {
      this.#buckets.require(at.bucket);
      this.#tables.uploads.putSync(uploadKey(at, uploadId), { initiatedMs: Date.now(), headers });
      this.#publish(at, cause, { etag: '', size: 0 });
    });
    return uploadId;
  }

  /** Returns the upload. Throws NoSuchBucket or NoSuchUpload. */
  require(at: ObjectAddress, uploadId: string): StoredUpload {
    this.#buckets.require(at.bucket);
    const upload =
      uploadId.length === UPLOAD_ID_LENGTH ? this.#tables.uploads.get(uploadKey(at, uploadId)) : undefined;
    if (upload === undefined) throw noSuchUpload(uploadId);
    return upload;
  }

  /** Adds a part. Replaces an earlier part with the same number. */
  addPart(at: ObjectAddress, uploadId: string, number: number, content: Content, cause: ChangeCause): void {
    const key = partKey(uploadId, number);
    const replaced = this.#tables.write(() => {
      this.require(at, uploadId);
      const old = this.#tables.parts.get(key);
      this.#tables.parts.putSync(key, { ...content, modifiedMs: Date.now() });
      this.#publish(at, cause, content);
      return old;
    });
    if (replaced !== undefined) this.#content.discard(replaced.segments);
  }

  /** Yields the parts with a number above `after`, in order. */
  *parts(uploadId: string, after = 0): Generator<NumberedPart> {
    const range = { start: partKey(uploadId, after + 1), end: partKey(uploadId, 0xffff) };
    for (const { key, value } of this.#tables.parts.getRange(range)) {
      yield { number: key.readUInt16BE(UPLOAD_ID_LENGTH), part: value };
    }
  }

  /** Ends the upload and stores its object. Deletes the parts that the object does not use. */
  complete(
    at: ObjectAddress,
    uploadId: string,
    object: StoredObject,
    cause: ChangeCause,
    forbidOverwrite: boolean,
  ): void {
    const used = new Set(object.segments.map(({ file }) => file));
    let unused: Segment[] = [];
    const removeUpload = () => {
      this.require(at, uploadId);
      unused = this.#removeRecords(at, uploadId).filter(({ file }) => !used.has(file));
    };
    this.#objects.put(at, object, cause, { forbidOverwrite, alsoInTransaction: removeUpload });
    this.#content.discard(unused);
  }

  /** Ends the upload without an object and deletes its parts. */
  abort(at: ObjectAddress, uploadId: string, cause: ChangeCause): void {
    const unused = this.#tables.write(() => {
      this.require(at, uploadId);
      this.#publish(at, cause, { etag: '', size: 0 });
      return this.#removeRecords(at, uploadId);
    });
    this.#content.discard(unused);
  }

  /** Yields the uploads of a bucket by key, then by id, from the table key `start` on. */
  *from(bucket: string, start: Buffer): Generator<OpenUpload> {
    const end = afterPrefix(Buffer.from(`${bucket}\0`));
    for (const { key, value } of this.#tables.uploads.getRange(
      end === undefined ? { start } : { start, end },
    )) {
      const text = keyWithin(bucket, key);
      const uploadId = text.slice(-UPLOAD_ID_LENGTH);
      yield { key: text.slice(0, -UPLOAD_ID_LENGTH - 1), uploadId, upload: value };
    }
  }

  #removeRecords(at: ObjectAddress, uploadId: string): Segment[] {
    const parts = [...this.parts(uploadId)];
    for (const { number } of parts) this.#tables.parts.removeSync(partKey(uploadId, number));
    this.#tables.uploads.removeSync(uploadKey(at, uploadId));
    return parts.flatMap(({ part }) => part.segments);
  }

  #publish(at: ObjectAddress, cause: ChangeCause, { etag, size }: Pick<Content, 'etag' | 'size'>): void {
    this.#publisher.publish({ ...cause, ...at, timeMs: Date.now(), etag, size, deltaBytes: 0 });
  }
}
