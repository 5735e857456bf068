const KEY_BYTES = 16;

/** Returns the key of a change: table, partition and timestamp (µs). */
export function changeKey(table: number, partition: number, timestamp: number | bigint): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeUInt32BE(table);
  key.writeUInt32BE(partition, 4);
  key.writeBigUInt64BE(BigInt(timestamp), 8);
  return key;
}

/** Returns the timestamp (µs) in the key of a change. */
export const timestampOf = (key: Buffer): bigint => key.readBigUInt64BE(8);

/** Returns the key range of all changes of a partition. `end` is exclusive. */
export const changeKeyRange = (
  table: number,
  partition: number,
): { readonly start: Buffer; readonly end: Buffer } => ({
  start: changeKey(table, partition, 0),
  end: changeKey(table, partition + 1, 0),
});

/** Returns the key range of all changes of a table. `end` is exclusive. */
export const tableChangeKeyRange = (table: number): { readonly start: Buffer; readonly end: Buffer } => ({
  start: changeKey(table, 0, 0),
  end: changeKey(table + 1, 0, 0),
});
