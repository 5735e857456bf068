import { createHash } from 'node:crypto';
import type { ChangeCause, ObjectChangePublisher } from '../object-change.ts';
import { entityTooLarge, OssError, positionNotEqualToLength } from '../oss-error.ts';
import type { Buckets } from './buckets.ts';
import type { ContentFiles } from './content-files.ts';
import { combineCrc64 } from './crc64.ts';
import { afterPrefix, keyWithin, type OssDatabases, objectKey } from './databases.ts';
import type { Content, ObjectAddress, StoredObject } from './records.ts';

/** The maximum size of a request body, for objects and for parts, and of an object that is created by appends. */
export const MAX_OBJECT_BYTES = 5 * 2 ** 30;

/** Options of a write: fail if the object exists, and do additional work in the same transaction. */
export interface PutOptions {
  readonly forbidOverwrite: boolean;
  readonly alsoInTransaction?: () => void;
}

/** The objects of all buckets. A change is visible, published and durable when its transaction commits. */
export class Objects {
  readonly #tables: OssDatabases;
  readonly #buckets: Buckets;
  readonly #content: ContentFiles;
  readonly #publisher: ObjectChangePublisher;

  constructor(
    tables: OssDatabases,
    buckets: Buckets,
    content: ContentFiles,
    publisher: ObjectChangePublisher,
  ) {
    this.#tables = tables;
    this.#buckets = buckets;
    this.#content = content;
    this.#publisher = publisher;
  }

  get(at: ObjectAddress): StoredObject | undefined {
    return this.#tables.objects.get(objectKey(at));
  }

  /**
   * Stores an object. Replaces an existing object and deletes its content. If `forbidOverwrite` is set, throws
   * FileAlreadyExists instead.
   */
  put(at: ObjectAddress, object: StoredObject, cause: ChangeCause, options: PutOptions): void {
    const key = objectKey(at);
    const replaced = this.#tables.write(() => {
      this.#buckets.require(at.bucket);
      const old = this.#tables.objects.get(key);
      if (old !== undefined && options.forbidOverwrite) {
        throw new OssError(
          'FileAlreadyExists',
          'The object you specified already exists and can not be overwritten.',
          {
            Key: at.key,
          },
        );
      }
      options.alsoInTransaction?.();
      this.#tables.objects.putSync(key, object);
      const { etag, size, modifiedMs } = object;
      const deltaBytes = size - (old?.size ?? 0);
      this.#publisher.publish({ ...cause, ...at, timeMs: modifiedMs, etag, size, deltaBytes });
      return old;
    });
    if (replaced !== undefined) this.#content.discard(replaced.segments);
  }

  /**
   * Appends content to an appendable object, or creates one. Returns the whole object. Throws
   * PositionNotEqualToLength if `position` is not the end of the object. Throws ObjectNotAppendable if the object was
   * not created by an append. Throws EntityTooLarge if the object would be larger than OSS allows.
   */
  append(
    at: ObjectAddress,
    content: Content,
    { position, headers }: { readonly position: number; readonly headers: StoredObject['headers'] },
    cause: ChangeCause,
  ): StoredObject {
    const key = objectKey(at);
    return this.#tables.write(() => {
      this.#buckets.require(at.bucket);
      const old = this.#tables.objects.get(key);
      if (old !== undefined && old.kind !== 'Appendable')
        throw new OssError('ObjectNotAppendable', 'The object is not appendable.', { Key: at.key });
      const end = old?.size ?? 0;
      if (position !== end) throw positionNotEqualToLength(end);
      if (end + content.size > MAX_OBJECT_BYTES) throw entityTooLarge(MAX_OBJECT_BYTES);
      const object: StoredObject = {
        size: end + content.size,
        // An append of zero bytes does not change the object.
        etag: old !== undefined && content.size === 0 ? old.etag : appendedEtag(old, content),
        crc64: combineCrc64(BigInt(old?.crc64 ?? 0), BigInt(content.crc64), content.size).toString(),
        segments: [...(old?.segments ?? []), ...content.segments],
        modifiedMs: Date.now(),
        kind: 'Appendable',
        headers: old?.headers ?? headers,
      };
      this.#tables.objects.putSync(key, object);
      const { etag, size, modifiedMs } = object;
      this.#publisher.publish({ ...cause, ...at, timeMs: modifiedMs, etag, size, deltaBytes: content.size });
      return object;
    });
  }

  /** Removes an object. If it does not exist, nothing happens and nothing is published. */
  remove(at: ObjectAddress, cause: ChangeCause): void {
    const key = objectKey(at);
    const removed = this.#tables.write(() => {
      this.#buckets.require(at.bucket);
      const old = this.#tables.objects.get(key);
      if (old === undefined) return undefined;
      this.#tables.objects.removeSync(key);
      const { etag, size } = old;
      this.#publisher.publish({ ...cause, ...at, timeMs: Date.now(), etag, size, deltaBytes: -size });
      return old;
    });
    if (removed !== undefined) this.#content.discard(removed.segments);
  }

  /** Yields the objects of a bucket in the byte order of their keys, from the table key `start` on. */
  *from(bucket: string, start: Buffer): Generator<{ readonly key: string; readonly object: StoredObject }> {
    const end = afterPrefix(Buffer.from(`${bucket}\0`));
    for (const { key, value } of this.#tables.objects.getRange(
      end === undefined ? { start } : { start, end },
    )) {
      yield { key: keyWithin(bucket, key), object: value };
    }
  }
}

function appendedEtag(old: StoredObject | undefined, { etag }: Content): string {
  return createHash('md5')
    .update(`${old?.etag ?? ''}${etag}`)
    .digest('hex')
    .toUpperCase();
}
