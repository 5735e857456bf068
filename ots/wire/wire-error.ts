/** Bytes are not what the wire format says, or a value cannot be written in it. */
export class WireError extends Error {
  override readonly name = 'WireError';
}
