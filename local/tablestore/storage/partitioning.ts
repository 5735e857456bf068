import type { PartitionRecord } from './table-record.ts';

/** How many hashes there are. */
const HASHES = 0x1_0000;

/** A 16-bit hash of a first key column's encoded bytes (FNV-1a, folded). */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return ((hash >>> 16) ^ hash) & 0xffff;
}

/** So many partitions of equal shares, open since `since` (µs). */
export const firstPartitions = (count: number, since: number): PartitionRecord[] =>
  Array.from({ length: count }, (_, number) => ({
    number,
    from: Math.floor((number * HASHES) / count),
    to: Math.floor(((number + 1) * HASHES) / count),
    since,
  }));

/** The open partition that takes the changes of rows with this hash. */
export function partitionOf(partitions: readonly PartitionRecord[], hash: number): PartitionRecord {
  const found = partitions.find(
    ({ from, to, closedAt }) => closedAt === undefined && from <= hash && hash < to,
  );
  if (found === undefined) throw new Error(`no partition takes hash ${hash}`);
  return found;
}

/** The partitions after one of them was split in two at `at` (µs); undefined where its share is but one hash. */
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
    ...partitions.map((each) => (each.number === parent.number ? { ...each, closedAt: at } : each)),
    { ...child, number: next, from: parent.from, to: middle },
    { ...child, number: next + 1, from: middle, to: parent.to },
  ];
}
