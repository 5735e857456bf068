import { addAttempt } from '../../domain/alerts/attempt-limit.ts';
import type { SendProblem } from '../../domain/channels/send-result.ts';
import { channelsTable } from '../../ports/alert-tables.ts';
import type { TableStore } from '../../ports/table-store.ts';
import type { StoredChannel } from './alert-deps.ts';

/** A channel and the state of its sender. Instants are in epoch ms. */
export interface ChannelState extends StoredChannel {
  /** Why nothing is sent any more; undefined if the channel is active. */
  readonly disabled: SendProblem | undefined;
  /** The instants of the latest attempts, in order. */
  readonly attempts: readonly number[];
  /** The receiver accepts nothing before this instant. */
  readonly blockedUntil: number;
}

/** Resolves to undefined if there is no such channel. */
export async function readChannel(
  store: Pick<TableStore, 'get'>,
  channelId: string,
  signal: AbortSignal,
): Promise<ChannelState | undefined> {
  const row = await store.get(channelsTable, { channelId }, { signal });
  if (row === undefined) return undefined;
  const { kind = '', sealed = '', attempts = '[]', blockeduntil = 0n } = row.columns;
  const { disabledat, disabledcode = '', disabledbecause = '{"zh":"","en":""}' } = row.columns;
  return {
    ...{ channelId, kind, sealed },
    attempts: JSON.parse(attempts) as number[],
    blockedUntil: Number(blockeduntil),
    disabled:
      disabledat === undefined
        ? undefined
        : { code: disabledcode, meaning: JSON.parse(disabledbecause) as SendProblem['meaning'] },
  };
}

/** A channel that was deleted meanwhile stays deleted. */
const ifExists = (signal: AbortSignal) => ({ signal, when: { row: 'exists' } }) as const;

/** Records an attempt before it is made, so that the limit also holds after a crash. */
export async function recordAttempt(
  store: Pick<TableStore, 'update'>,
  channel: ChannelState,
  perMinute: number | undefined,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  if (perMinute === undefined) return;
  const attempts = addAttempt(channel.attempts, perMinute, now);
  const key = { channelId: channel.channelId };
  await store.update(channelsTable, key, { set: { attempts: JSON.stringify(attempts) } }, ifExists(signal));
}

/** Records that the receiver accepts nothing before `until`. */
export const recordBlock = (
  store: Pick<TableStore, 'update'>,
  channelId: string,
  until: number,
  signal: AbortSignal,
) => store.update(channelsTable, { channelId }, { set: { blockeduntil: BigInt(until) } }, ifExists(signal));

/** Stops all sending to a channel whose receiver no longer exists. */
export async function disableChannel(
  store: Pick<TableStore, 'update'>,
  channelId: string,
  { code, meaning }: SendProblem,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const set = {
    ...{ disabledat: BigInt(now), disabledcode: code, disabledbecause: JSON.stringify(meaning) },
    changedat: BigInt(now),
  };
  await store.update(channelsTable, { channelId }, { set }, ifExists(signal));
}
