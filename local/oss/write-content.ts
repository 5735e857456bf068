import type { FileHandle } from 'node:fs/promises';
import type { RunningDigest } from './storage/digester.ts';
import type { Content } from './storage/records.ts';
import type { Store } from './storage/store.ts';

/** Large enough for fast writes to the disk, and small enough that the next batch is hashed during each write. */
const WRITE_BYTES = 1024 * 1024;

/** Writes content from memory. No record refers to the content yet. */
export function writeContentBytes(
  bytes: Buffer,
  { content, digester }: Pick<Store, 'content' | 'digester'>,
): Content {
  const segments = bytes.length === 0 ? [] : [content.writeSmall(bytes)];
  return { size: bytes.length, ...digester.digestsOf(bytes), segments };
}

/** Writes content from a stream. No record refers to the content yet. If `source` throws, the file is deleted. */
export async function writeContentStream(
  source: AsyncIterable<Buffer>,
  { content, digester }: Pick<Store, 'content' | 'digester'>,
): Promise<Content> {
  const digest = await digester.begin();
  const { file, handle } = await content.create();
  try {
    const size = await streamInto(source, handle, digest);
    await handle.close();
    const digests = digest.finish();
    if (size > 0) return { size, ...digests, segments: [{ file, size }] };
    content.discard([{ file, size }]);
    return { size, ...digests, segments: [] };
  } catch (error) {
    digest.finish();
    await handle.close().catch(() => {});
    content.discard([{ file, size: 0 }]);
    throw error;
  }
}

/** Hashes the next chunks while the last ones are being written. */
async function streamInto(
  source: AsyncIterable<Buffer>,
  handle: FileHandle,
  digest: RunningDigest,
): Promise<number> {
  let size = 0;
  let batch: Buffer[] = [];
  let batched = 0;
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const chunk of source) {
      digest.update(chunk);
      size += chunk.length;
      batched += chunk.length;
      batch.push(chunk);
      if (batched < WRITE_BYTES) continue;
      await writing;
      writing = writeAll(handle, batch);
      writing.catch(() => {});
      batch = [];
      batched = 0;
    }
  } finally {
    await writing;
  }
  await writeAll(handle, batch);
  return size;
}

/** Writes all chunks. A single write may be partial, for example if the disk is nearly full. */
async function writeAll(handle: FileHandle, chunks: readonly Buffer[]): Promise<void> {
  let remaining = chunks;
  while (remaining.length > 0) {
    let { bytesWritten } = await handle.writev(remaining);
    remaining = remaining.flatMap((chunk) => {
      const skipped = Math.min(bytesWritten, chunk.length);
      bytesWritten -= skipped;
      return skipped === chunk.length ? [] : [chunk.subarray(skipped)];
    });
  }
}
