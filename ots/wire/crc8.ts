/** CRC-8 with polynomial x⁸+x²+x+1, most significant bit first, as PlainBuffer has it. */
const table = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1;
  return crc & 0xff;
});

/** Goes on with `crc` over the bytes from `start` to `end`. */
export function crc8(crc: number, bytes: Uint8Array, start = 0, end = bytes.length): number {
  let sum = crc;
  for (let at = start; at < end; at++) sum = table[sum ^ (bytes[at] ?? 0)] ?? 0;
  return sum;
}

/** Goes on with `crc` over one byte. */
export const crc8Byte = (crc: number, byte: number): number => table[crc ^ byte] ?? 0;
