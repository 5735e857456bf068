import { WireError } from '../errors.ts';
import { message } from './message.ts';

/**
 * A position in a channel, as its token encodes it. Positions in a stream have `iterator`, those in base data have a
 * key.
 */
export interface TunnelPosition {
  readonly primaryKey?: Buffer;
  readonly iterator?: string;
  /** Commit time of the last record that was read, in µs. */
  readonly timestamp?: bigint;
  readonly totalCount?: bigint;
}

/** The token of a channel that has no more records. */
export const FINISHED_TOKEN = 'finished';

const token = message<{ version: bigint; content: Buffer }>('Token');
const content = message<TunnelPosition>('TokenContentV2');

export const encodeTunnelToken = (position: TunnelPosition): string =>
  token.encode({ version: 2n, content: content.encode(position) }).toString('base64');

/** Decodes a token. Throws WireError if it is invalid. Clients use it only to distinguish streams from base data. */
export function decodeTunnelToken(text: string): TunnelPosition {
  const { version, content: bytes } = token.decode(Buffer.from(text, 'base64'));
  if (version !== 2n) throw new WireError(`the token has version ${version}; only version 2 is supported`);
  return content.decode(bytes);
}
