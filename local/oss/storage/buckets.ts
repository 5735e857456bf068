import { noSuchBucket, OssError } from '../oss-error.ts';
import { afterPrefix, type OssDatabases } from './databases.ts';
import type { StoredBucket } from './records.ts';

/** The buckets of the account. */
export class Buckets {
  readonly #tables: OssDatabases;

  constructor(tables: OssDatabases) {
    this.#tables = tables;
  }

  /** Creates a bucket. An existing bucket keeps its content and date, and gets the ACL if one is given. */
  create(bucket: string, acl?: string): void {
    this.#tables.write(() => {
      const old = this.#tables.buckets.get(Buffer.from(bucket));
      const createdMs = old?.createdMs ?? Date.now();
      this.#tables.buckets.putSync(Buffer.from(bucket), { createdMs, acl: acl ?? old?.acl ?? 'private' });
    });
  }

  /** Creates a bucket if the store has none yet. */
  createFirst(bucket: string): void {
    if (this.#tables.buckets.getKeysCount({ limit: 1 }) === 0) this.create(bucket);
  }

  /** Returns the bucket. Throws NoSuchBucket if it does not exist. */
  require(bucket: string): StoredBucket {
    const found = this.#tables.buckets.get(Buffer.from(bucket));
    if (found === undefined) throw noSuchBucket(bucket);
    return found;
  }

  /** Removes an empty bucket. Throws BucketNotEmpty if it has objects or unfinished uploads. */
  remove(bucket: string): void {
    this.#tables.write(() => {
      this.require(bucket);
      const start = Buffer.from(`${bucket}\0`);
      const range = { start, end: afterPrefix(start) ?? start, limit: 1 };
      if (this.#tables.objects.getKeysCount(range) + this.#tables.uploads.getKeysCount(range) > 0) {
        throw new OssError('BucketNotEmpty', 'The bucket you tried to delete is not empty.', {
          BucketName: bucket,
        });
      }
      this.#tables.buckets.removeSync(Buffer.from(bucket));
    });
  }

  /** Returns all buckets, ordered by name. */
  list(): { readonly name: string; readonly bucket: StoredBucket }[] {
    return [...this.#tables.buckets.getRange({})].map(({ key, value }) => ({
      name: key.toString(),
      bucket: value,
    }));
  }
}
