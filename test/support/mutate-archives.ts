import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { SmallArchiveMemory } from '../../activities/unzip/small-archive-memory.ts';
import { checkEntries, planSmallArchive, storeEntries } from '../../activities/unzip/small-entries.ts';
import type { UnzipDeps } from '../../activities/unzip/unzip-deps.ts';
import { AdmissionQueue } from '../../domain/admission-queue.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import { defaultLimits, defaultPartLimits, smallLimits } from '../../domain/unzip/limits.ts';
import { seededRandom } from '../../local/faults/seeded-random.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { type ZipEntry, zipOf } from './zip-writer.ts';

/** The longest time for unpacking one archive. The archives are tiny. */
const MAX_MS = 1_000;

/** A hostile archive of a few hundred bytes must not make the process larger than this. */
const MAX_MIB = 700;

const KEY = 'zip/m.zip';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A store in memory, which keeps the objects of one archive. */
function memoryStore(objects: Map<string, Buffer>): ObjectStore {
  const store: Partial<ObjectStore> = {
    async put({ key }, body) {
      objects.set(key, Buffer.from(body));
      return { crc64: undefined };
    },
    async putStream({ key }, body) {
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(Buffer.from(chunk));
      objects.set(key, Buffer.concat(chunks));
      return { crc64: undefined };
    },
  };
  return store as ObjectStore;
}

/**
 * Changes bytes of archives at random, and unpacks them in memory. Throws if unpacking takes too long, needs too much
 * memory, or throws another error than `InvalidInput`, or if an object has a content that the original archive does not
 * have.
 */
export async function mutateArchives(
  count: number,
  seed: number,
): Promise<{ read: number; rejected: number }> {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const objects = new Map<string, Buffer>();
  const deps = {
    ...{ store: memoryStore(objects), limits: defaultLimits, partLimits: defaultPartLimits },
    names: { charsets: ['gb18030'], unsafe: 'fail' },
    uploadQueue: new AdmissionQueue({ parallel: { slots: 8 } }),
    smallArchives: new SmallArchiveMemory(smallLimits.packedBytes),
  } as unknown as UnzipDeps;
  const keys = archiveKeysOf('eb-ask', KEY);
  assert.ok(keys);
  const { signal } = new AbortController();
  const counts = { read: 0, rejected: 0 };

  for (let at = 0; at < count; at++) {
    const entries = Array.from({ length: 1 + below(5) }, (_, index): ZipEntry => {
      const content = Buffer.from(Array.from({ length: below(300) }, () => 97 + below(4)));
      return { name: `d${index % 2}/f${index}`, content, method: below(3) === 0 ? 0 : 8 };
    });
    const known = new Set(entries.map(({ content }) => sha256(content as Buffer)));
    const bytes = zipOf(entries, below(4) === 0 ? { comment: Buffer.from('comment') } : {});
    for (let change = 1 + below(4); change > 0; change--) bytes[below(bytes.length)] = below(256);
    const archive = { ...keys, bucket: 'eb-ask', key: KEY, etag: 'E', size: bytes.length };
    objects.clear();
    const began = performance.now();
    try {
      const small = await planSmallArchive(deps, archive, bytes, signal);
      if (small !== undefined) {
        await checkEntries(deps, small, signal);
        await storeEntries(deps, small, { signal, onWritten: () => {} });
        counts.read++;
      }
    } catch (error) {
      const errorText = `seed ${seed}, archive ${at}: ${error instanceof Error ? error.stack : String(error)}`;
      assert.ok(error instanceof InvalidInput, errorText);
      counts.rejected++;
    }
    const ms = performance.now() - began;
    assert.ok(ms < MAX_MS, `seed ${seed}, archive ${at} took ${ms} ms`);
    for (const [key, content] of objects)
      assert.ok(known.has(sha256(content)), `seed ${seed}, archive ${at}: ${key} has a wrong content`);
  }
  const mib = Math.round(process.memoryUsage.rss() / 1024 / 1024);
  assert.ok(mib < MAX_MIB, `${mib} MiB`);
  return counts;
}
