/** Source: PKWARE APPNOTE.TXT 6.3.10, 4.3.7. */
const LOCAL_SIGNATURE = 0x04034b50;

/** The length of a local header without name and extra field. */
export const LOCAL_HEADER_BYTES = 30;

/** The maximum length of a local header. */
export const LOCAL_HEADER_MAX_BYTES = LOCAL_HEADER_BYTES + 2 * 65_535;

/** Returns the length of the local header at `at`; undefined if there is none. Checks only the header's signature. */
export function localHeaderLength(bytes: Buffer, at: number): number | undefined {
  if (at + LOCAL_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== LOCAL_SIGNATURE) return undefined;
  return LOCAL_HEADER_BYTES + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
}
