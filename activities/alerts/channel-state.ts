import type { SendProblem } from '../../domain/channels/send-result.ts';
import { channelsTable } from '../../ports/alert-tables.ts';
import type { TableStore } from '../../ports/table-store.ts';
import type { StoredChannel } from './alert-deps.ts';

export interface ChannelState extends StoredChannel {
  /** Why nothing is sent any more; undefined if the channel is active. */
  readonly disabled: SendProblem | undefined;
}

/** Resolves to undefined if there is no such channel. */
export async function readChannel(
  store: Pick<TableStore, 'get'>,
  channelId: string,
  signal: AbortSignal,
): Promise<ChannelState | undefined> {
  const row = await store.get(channelsTable, { channelId }, { signal });
  if (row === undefined) return undefined;
  const {
    kind = '',
    sealed = '',
    disabledat,
    disabledcode = '',
    disabledbecause = '{"zh":"","en":""}',
  } = row.columns;
  return {
    ...{ channelId, kind, sealed },
    disabled:
      disabledat === undefined
        ? undefined
        : { code: disabledcode, meaning: JSON.parse(disabledbecause) as SendProblem['meaning'] },
  };
}

/**
 * Stops all sending to a channel whose receiver no longer exists. Does nothing if the channel was deleted, or got another
 * address or secret after it was read: then the answer is about the earlier receiver.
 */
export async function disableChannel(
  store: Pick<TableStore, 'update'>,
  { channelId, sealed }: StoredChannel,
  { code, meaning }: SendProblem,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const set = {
    ...{ disabledat: BigInt(now), disabledcode: code, disabledbecause: JSON.stringify(meaning) },
    changedat: BigInt(now),
  };
  const isUnchanged = { column: 'sealed', is: '=', value: sealed, ifMissing: 'unmet' } as const;
  const when = { row: 'exists', columns: isUnchanged } as const;
  await store.update(channelsTable, { channelId }, { set }, { when, signal });
}
