/** A long key with its value. Long keys with the same beginning share one LMDB entry, which holds a list of them. */
export interface CollidingEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Encodes several entries. The length precedes each key and each value. */
export const encodeCollidingEntries = (entries: readonly CollidingEntry[]): Buffer =>
  Buffer.concat(entries.flatMap(({ key, value }) => [lengthOf(key), key, lengthOf(value), value]));

/** Decodes the entries in the order in which they were encoded. */
export function decodeCollidingEntries(bytes: Buffer): CollidingEntry[] {
  const entries: CollidingEntry[] = [];
  let at = 0;
  const next = (): Buffer => {
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    return bytes.subarray(start, at);
  };
  while (at < bytes.length) {
    const key = next();
    entries.push({ key, value: next() });
  }
  return entries;
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
