/**
 * The same archive with ZIP64 records (APPNOTE 4.3.14, 4.3.15). The end record has the maximum in each of its fields, or
 * with `saturated` false, the same values as the ZIP64 record.
 */
export function asZip64(zip: Buffer, prefix = Buffer.alloc(0), saturated = true): Buffer {
  const end = zip.length - 22;
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(zip.readUInt16LE(end + 10)), 24);
  record.writeBigUInt64LE(BigInt(zip.readUInt16LE(end + 10)), 32);
  record.writeBigUInt64LE(BigInt(zip.readUInt32LE(end + 12)), 40);
  record.writeBigUInt64LE(BigInt(zip.readUInt32LE(end + 16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(end), 8);
  locator.writeUInt32LE(1, 16);
  const old = Buffer.from(zip.subarray(end));
  if (saturated) old.fill(0xff, 8, 20);
  return Buffer.concat([prefix, zip.subarray(0, end), record, locator, old]);
}
