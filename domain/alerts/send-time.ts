import { createHash } from 'node:crypto';

/**
 * Channels send at different times after a full hour, because vendors are busy at full hours. The shortest wait leaves
 * the cities time to decide, so that one message has all cities of a channel.
 */
const MIN_SPREAD_MS = 5_000;
export const MAX_SPREAD_MS = 90_000;

/** Rows that are written after the usual time are collected for at most this time. */
export const COLLECT_MS = 30_000;

/**
 * After the decision to write a row, others can read the row within this time. Includes the difference of two clocks.
 */
export const WRITE_MS = 2_000;

/** What decides when a row of the ledger may be sent. Instants are in epoch ms. */
export interface SendTiming {
  readonly channelId: string;
  /** `first`: the message about a day. `text`: a message that somebody waits for. */
  readonly kind: 'first' | 'correction' | 'text';
  readonly dueAt: number;
  readonly createdAt: number;
  /** Until when the row may be sent. */
  readonly until: number;
}

/** Returns when a channel sends what is due at a full hour, in ms after the hour. */
export function spreadMs(channelId: string): number {
  const hash = createHash('sha256').update(channelId).digest().readUInt32BE(0);
  return MIN_SPREAD_MS + (hash % (MAX_SPREAD_MS - MIN_SPREAD_MS));
}

/**
 * Returns when a row may be sent, in epoch ms. Rows of a channel that are due together until the same instant get the same
 * send time, and all of them can be read then. It is never before the due time, and at most half of the remaining time is
 * waited: otherwise, a row with a short late window, or due just before midnight, would be too late.
 */
export function sendTime({ channelId, kind, dueAt, createdAt, until }: SendTiming): number {
  if (kind === 'text') return dueAt;
  const usual = kind === 'first' ? Math.min(dueAt + spreadMs(channelId), middleOf(dueAt, until)) : dueAt;
  if (createdAt + WRITE_MS <= usual) return usual;
  const collected = Math.ceil((createdAt + WRITE_MS) / COLLECT_MS) * COLLECT_MS;
  return Math.min(collected, middleOf(Math.max(dueAt, createdAt), until));
}

const middleOf = (from: number, until: number): number => from + Math.floor(Math.max(0, until - from) / 2);
