import { WireError } from '../../../ots/errors.ts';
import {
  decodeTunnelToken,
  encodeTunnelToken,
  FINISHED_TOKEN,
  type TunnelPosition,
} from '../../../ots/wire/tunnel-token.ts';
import { parameterInvalid } from '../errors.ts';

/** A position in a channel: after `count` records, and after the change (µs) or the row key in `after`. */
export type ChannelPosition =
  | { readonly kind: 'Stream'; readonly after: bigint; readonly count: bigint }
  | { readonly kind: 'BaseData'; readonly after?: Buffer | undefined; readonly count: bigint };

/** Returns the token of a position, which names the channel, or FINISHED. */
export function tokenOf(channel: string, position: ChannelPosition | typeof FINISHED_TOKEN): string {
  if (position === FINISHED_TOKEN) return FINISHED_TOKEN;
  const totalCount = position.count;
  if (position.kind === 'Stream')
    return encodeTunnelToken({
      iterator: `${channel}:${position.after}`,
      timestamp: position.after,
      totalCount,
    });
  const key = Buffer.concat([Buffer.from(`${channel}:`), position.after ?? Buffer.alloc(0)]);
  return encodeTunnelToken({ primaryKey: key, totalCount });
}

/** Returns the position of a token of this channel. Throws OTSParameterInvalid for any other token. */
export function positionOf(channel: string, token: string): ChannelPosition | typeof FINISHED_TOKEN {
  if (token === FINISHED_TOKEN) return FINISHED_TOKEN;
  const position = readPosition(channel, token);
  if (position !== undefined && tokenOf(channel, position) === token) return position;
  throw parameterInvalid(`Token ${token.slice(0, 80)} is not a token of channel ${channel}.`);
}

function readPosition(channel: string, token: string): ChannelPosition | undefined {
  const { iterator, primaryKey, totalCount: count = 0n } = decode(token);
  const prefix = `${channel}:`;
  if (iterator?.startsWith(prefix)) {
    const after = iterator.slice(prefix.length);
    return /^\d{1,19}$/.test(after) ? { kind: 'Stream', after: BigInt(after), count } : undefined;
  }
  if (primaryKey?.toString('utf8', 0, Buffer.byteLength(prefix)) !== prefix) return undefined;
  const after = primaryKey.subarray(Buffer.byteLength(prefix));
  return { kind: 'BaseData', after: after.length === 0 ? undefined : after, count };
}

function decode(token: string): TunnelPosition {
  try {
    return decodeTunnelToken(token);
  } catch (error) {
    if (error instanceof WireError) return {};
    throw error;
  }
}
