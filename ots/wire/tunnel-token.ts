import { WireError } from '../errors.ts';
import { message } from './message.ts';

/** A place in a channel, as its token carries it: a stream's has an `iterator`, base data's a key. */
export interface TunnelPosition {
  readonly primaryKey?: Buffer;
  readonly iterator?: string;
  /** Of the last record read, in µs. */
  readonly timestamp?: bigint;
  readonly totalCount?: bigint;
}

/** What a channel that has no more records gives in place of a token. */
export const FINISHED_TOKEN = 'finished';

const token = message<{ version: bigint; content: Buffer }>('Token');
const content = message<TunnelPosition>('TokenContentV2');

export const encodeTunnelToken = (place: TunnelPosition): string =>
  token.encode({ version: 2n, content: content.encode(place) }).toString('base64');

/** Reads a token; throws WireError. Clients take tokens as they are, and look at them only to tell the two kinds apart. */
export function decodeTunnelToken(text: string): TunnelPosition {
  const { version, content: bytes } = token.decode(Buffer.from(text, 'base64'));
  if (version !== 2n) throw new WireError(`the token is of version ${version}, known is 2`);
  return content.decode(bytes);
}
