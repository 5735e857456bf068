import type { ReaderState } from '../ots/tunnel/channel-states.ts';

/** How far one channel is. */
export interface ChannelProgress {
  readonly id: string;
  readonly status: string;
  readonly reader: ReaderState;
  /**
   * Age of the oldest change that is not yet accepted, in ms, and where reads fail at least since they do; 0 when all are
   * accepted that were read, and nothing follows.
   */
  readonly lagMs: number;
  /** Since its place was stored, or since it was taken over, in ms. */
  readonly checkpointAgeMs: number;
  readonly inFlight: number;
  /** It stands still at an event that nobody will have. */
  readonly held: boolean;
  /** How often it was given up since all was well. */
  readonly failures: number;
  /** Why it stands still, or cannot be read; absent when neither is so. */
  readonly reason?: string;
}

/** What the source is doing. */
export interface ProgressNow {
  readonly clientId: string | undefined;
  /** Undefined when no client is connected. */
  readonly heartbeatAgeMs: number | undefined;
  /** Why there is no client, or its heartbeats fail. */
  readonly problem: string | undefined;
  readonly channels: readonly ChannelProgress[];
}

/** Once may happen to every channel. */
const FAILS_AGAIN = 2;

/** Why the source is not ready, in a sentence; undefined when it is. */
export function notReady(
  { heartbeatAgeMs, problem, channels }: ProgressNow,
  { timeoutMs, longestLagMs }: { readonly timeoutMs: number; readonly longestLagMs: number },
): string | undefined {
  if (heartbeatAgeMs === undefined) return because('no client is connected to the tunnel', problem);
  if (heartbeatAgeMs > timeoutMs)
    return because(`the last heartbeat is ${heartbeatAgeMs} ms old, ${timeoutMs} are allowed`, problem);
  const held = channels.find((channel) => channel.held);
  if (held !== undefined)
    return because(`channel ${held.id} stands still at an event that the sink will not have`, held.reason);
  const failing = channels.find(({ failures }) => failures >= FAILS_AGAIN);
  if (failing !== undefined)
    return because(`channel ${failing.id} fails, ${failing.failures} times by now`, failing.reason);
  const late = channels.find(({ lagMs }) => lagMs > longestLagMs);
  if (late === undefined) return undefined;
  return because(`channel ${late.id} is ${late.lagMs} ms behind, ${longestLagMs} are allowed`, late.reason);
}

const because = (sentence: string, reason: string | undefined): string =>
  reason === undefined ? sentence : `${sentence}: ${reason}`;
