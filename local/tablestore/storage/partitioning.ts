import type { PartitionRecord } from './table-record.ts';

/** The number of hash values. */
const HASHES = 0x1_0000;

/** Returns a 16-bit hash (FNV-1a, folded) of the encoded first key column. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return ((hash >>> 16) ^ hash) & 0xffff;
}

/** Returns `count` partitions with equal shares of the hashes, open since `since` (µs). */
export const firstPartitions = (count: number, since: number): PartitionRecord[] =>
  Array.from({ length: count }, (_, number) => ({
    number,
    from: Math.floor((number * HASHES) / count),
    to: Math.floor(((number + 1) * HASHES) / count),
    since,
  }));

/** Returns the open partition for the changes of rows with this hash. */
export function partitionOf(partitions: readonly PartitionRecord[], hash: number): PartitionRecord {
  const found = partitions.find(
    ({ from, to, closedAt }) => closedAt === undefined && from <= hash && hash < to,
  );
  if (found === undefined) throw new Error(`no open partition covers hash ${hash}`);
  return found;
}

/** Returns the partitions after a split at `at` (µs), or undefined if the parent covers only one hash. */
export function splitPartition(
  partitions: readonly PartitionRecord[],
  parent: PartitionRecord,
  at: number,
): PartitionRecord[] | undefined {
  const middle = Math.floor((parent.from + parent.to) / 2);
  if (middle === parent.from) return undefined;
  const next = Math.max(...partitions.map(({ number }) => number)) + 1;
  const child = { parent: parent.number, since: at };
  return [
    ...partitions.map((partition) =>
      partition.number === parent.number ? { ...partition, closedAt: at } : partition,
    ),
    { ...child, number: next, from: parent.from, to: middle },
    { ...child, number: next + 1, from: middle, to: parent.to },
  ];
}
