import { addAttempt, nextAttemptAt } from '../../domain/alerts/attempt-limit.ts';
import { channelsTable } from '../../ports/alert-tables.ts';
import type { PartialColumnValues } from '../../ports/table.ts';
import type { TableStore } from '../../ports/table-store.ts';
import type { OpenedChannel } from './alert-deps.ts';

/**
 * What the limit of a receiver depends on. Channels with the same receiver share the limit, because the vendor counts
 * the messages of all these channels.
 */
export interface SendLimit {
  /** The key of the row in the table of channels: of the channel itself, or of its receiver. */
  readonly rowId: string;
  /** False if the receiver has no row yet. */
  readonly isStored: boolean;
  /** The instants of the latest attempts, in order, in epoch ms. */
  readonly attempts: readonly number[];
  /** The text in the column `attempts`, as it was read. */
  readonly storedAttempts: string | undefined;
  /** The receiver accepts nothing before this instant, in epoch ms. */
  readonly blockedUntil: number;
}

/** Reads the limit of a channel's receiver. */
export async function readSendLimit(
  store: Pick<TableStore, 'get'>,
  { channelId, kind }: { readonly channelId: string; readonly kind: string },
  { channel: { receiverId } }: OpenedChannel,
  signal: AbortSignal,
): Promise<SendLimit> {
  const rowId = receiverId === undefined ? channelId : `limit:${kind}:${receiverId}`;
  const row = await store.get(channelsTable, { channelId: rowId }, { columns: LIMIT_COLUMNS, signal });
  return { ...limitOf(rowId, row?.columns ?? {}), isStored: row !== undefined || receiverId === undefined };
}

const LIMIT_COLUMNS = ['attempts', 'blockeduntil'] as const;

function limitOf(
  rowId: string,
  { attempts, blockeduntil = 0n }: PartialColumnValues<typeof channelsTable.columns>,
): Omit<SendLimit, 'isStored'> {
  return {
    ...{ rowId, storedAttempts: attempts, blockedUntil: Number(blockeduntil) },
    attempts: JSON.parse(attempts ?? '[]') as number[],
  };
}

/** Returns when the next attempt may begin, in epoch ms. */
export const nextAllowedAt = (
  { attempts, blockedUntil }: SendLimit,
  perMinute: number | undefined,
  now: number,
): number => nextAttemptAt(attempts, perMinute, Math.max(now, blockedUntil));

/**
 * Records an attempt before it is made, so that the limit also holds after a crash. Resolves to false if another sender
 * has recorded an attempt or a block after the limit was read, or if the channel was deleted.
 */
export async function recordAttempt(
  store: Pick<TableStore, 'put' | 'update'>,
  { rowId, isStored, attempts, storedAttempts = '', blockedUntil }: SendLimit,
  perMinute: number | undefined,
  now: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (perMinute === undefined) return true;
  const key = { channelId: rowId };
  const columns = { attempts: JSON.stringify(addAttempt(attempts, perMinute, now)) };
  if (!isStored)
    return (await store.put(channelsTable, key, columns, { when: { row: 'absent' }, signal })) === 'written';
  const unchanged = {
    all: [
      { column: 'attempts', is: '=', value: storedAttempts, ifMissing: 'met' },
      { column: 'blockeduntil', is: '=', value: BigInt(blockedUntil), ifMissing: 'met' },
    ],
  } as const;
  const when = { row: 'exists', columns: unchanged } as const;
  return (await store.update(channelsTable, key, { set: columns }, { when, signal })) === 'written';
}

/**
 * Records that the receiver accepts nothing before `until`. The row of the channel also gets this instant, because people
 * see this row. A channel that was deleted meanwhile stays deleted.
 */
export async function recordBlock(
  store: Pick<TableStore, 'update'>,
  { rowId, channelId }: Pick<SendLimit, 'rowId'> & { readonly channelId: string },
  until: number,
  signal: AbortSignal,
): Promise<void> {
  const change = { set: { blockeduntil: BigInt(until) } };
  for (const id of new Set([rowId, channelId]))
    await store.update(channelsTable, { channelId: id }, change, { when: { row: 'exists' }, signal });
}
