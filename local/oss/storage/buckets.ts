import { noSuchBucket, OssError } from '../oss-error.ts';
import { afterPrefix, type OssDatabases } from './databases.ts';
import type { StoredBucket } from './records.ts';

/** The buckets of the one account there is. */
export class Buckets {
  readonly #tables: OssDatabases;

  constructor(tables: OssDatabases) {
    this.#tables = tables;
  }

  /** Makes a bucket; one that is there keeps its content and date, and takes the ACL when one is given. */
  create(bucket: string, acl?: string): void {
    this.#tables.write(() => {
      const old = this.#tables.buckets.get(Buffer.from(bucket));
      const createdMs = old?.createdMs ?? Date.now();
      this.#tables.buckets.putSync(Buffer.from(bucket), { createdMs, acl: acl ?? old?.acl ?? 'private' });
    });
  }

  /** Makes a bucket in a store that has none yet. */
  createFirst(bucket: string): void {
    if (this.#tables.buckets.getKeysCount({ limit: 1 }) === 0) this.create(bucket);
  }

  /** The bucket, or NoSuchBucket. */
  require(bucket: string): StoredBucket {
    const found = this.#tables.buckets.get(Buffer.from(bucket));
    if (found === undefined) throw noSuchBucket(bucket);
    return found;
  }

  /** Removes an empty bucket; BucketNotEmpty while it has objects or unfinished uploads. */
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

  /** All buckets, by name. */
  list(): { readonly name: string; readonly bucket: StoredBucket }[] {
    return [...this.#tables.buckets.getRange({})].map(({ key, value }) => ({
      name: key.toString(),
      bucket: value,
    }));
  }
}
