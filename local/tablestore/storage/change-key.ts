const KEY_BYTES = 16;

/** Where a change stands: by table, partition and timestamp (µs). */
export function changeKey(table: number, partition: number, timestamp: number | bigint): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeUInt32BE(table);
  key.writeUInt32BE(partition, 4);
  key.writeBigUInt64BE(BigInt(timestamp), 8);
  return key;
}

/** The timestamp (µs) in a change's key. */
export const timestampOf = (key: Buffer): bigint => key.readBigUInt64BE(8);

/** All changes of a partition, from `start` on up to and without `end`. */
export const changeKeyRange = (
  table: number,
  partition: number,
): { readonly start: Buffer; readonly end: Buffer } => ({
  start: changeKey(table, partition, 0),
  end: changeKey(table, partition + 1, 0),
});

/** All changes of a table. */
export const tableChangeKeyRange = (table: number): { readonly start: Buffer; readonly end: Buffer } => ({
  start: changeKey(table, 0, 0),
  end: changeKey(table + 1, 0, 0),
});
