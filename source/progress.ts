import type { ChannelReport, ReaderState } from '../ots/tunnel/channel-states.ts';
import { Bag } from './bag.ts';

/** How far one channel is. */
export interface ChannelProgress {
  readonly id: string;
  readonly status: string;
  readonly reader: ReaderState;
  /** Age of the oldest change that is not yet accepted, in ms; 0 when all are that were read, and nothing follows. */
  readonly lagMs: number;
  /** Since its place was stored, or since it was taken over, in ms. */
  readonly checkpointAgeMs: number;
  readonly inFlight: number;
  /** It stands still at an event that nobody will have. */
  readonly held: boolean;
}

export interface ProgressNow {
  readonly clientId: string | undefined;
  /** Undefined when no client is connected. */
  readonly heartbeatAgeMs: number | undefined;
  readonly channels: readonly ChannelProgress[];
}

interface Tracked {
  status: string;
  reader: ReaderState;
  /** Commit times of the events under way, in epoch ms. */
  readonly underWay: Bag<number>;
  lastAcceptedMs: number | undefined;
  caughtUp: boolean;
  checkpointAt: number;
  held: number;
}

/** What the source is doing, for metrics, readiness and `status`; times in epoch ms by `clock`. */
export class Progress {
  readonly #clock: () => number;
  readonly #channels = new Map<string, Tracked>();
  #clientId: string | undefined;
  #heartbeatAt: number | undefined;

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  connected(clientId: string): void {
    this.#clientId = clientId;
    this.#heartbeatAt = this.#clock();
    this.#channels.clear();
  }

  lost(): void {
    this.#clientId = undefined;
    this.#heartbeatAt = undefined;
    this.#channels.clear();
  }

  heartbeat(): void {
    this.#heartbeatAt = this.#clock();
  }

  /** All channels that are ours; those that are not named no longer are. */
  channels(now: readonly (ChannelReport & { readonly reader: ReaderState })[]): void {
    const ours = new Set(now.map(({ channelId }) => channelId));
    for (const id of this.#channels.keys()) if (!ours.has(id)) this.#channels.delete(id);
    for (const { channelId, status, reader } of now) Object.assign(this.#of(channelId), { status, reader });
  }

  page(channelId: string, caughtUp: boolean): void {
    this.#of(channelId).caughtUp = caughtUp;
  }

  checkpoint(channelId: string): void {
    this.#of(channelId).checkpointAt = this.#clock();
  }

  /** An event of a change committed at `committedMs` (epoch ms) is under way until the answer is called. */
  begin(channelId: string, committedMs: number): () => void {
    const channel = this.#of(channelId);
    const event = channel.underWay.add(committedMs);
    return () => {
      channel.underWay.remove(event);
      channel.lastAcceptedMs = Math.max(channel.lastAcceptedMs ?? 0, committedMs);
    };
  }

  held(channelId: string): () => void {
    const channel = this.#of(channelId);
    channel.held++;
    return () => channel.held--;
  }

  now(): ProgressNow {
    const at = this.#clock();
    const channels = [...this.#channels].map(([id, channel]): ChannelProgress => {
      const { status, reader, underWay, lastAcceptedMs, caughtUp, checkpointAt, held } = channel;
      const oldest =
        underWay.size > 0 ? Math.min(...underWay.values()) : caughtUp ? undefined : lastAcceptedMs;
      return {
        ...{ id, status, reader, inFlight: underWay.size, held: held > 0 },
        lagMs: oldest === undefined ? 0 : Math.max(0, at - oldest),
        checkpointAgeMs: Math.max(0, at - checkpointAt),
      };
    });
    const heartbeatAgeMs = this.#heartbeatAt === undefined ? undefined : at - this.#heartbeatAt;
    return { clientId: this.#clientId, heartbeatAgeMs, channels };
  }

  #of(channelId: string): Tracked {
    const known = this.#channels.get(channelId);
    if (known !== undefined) return known;
    const fresh: Tracked = {
      ...{ status: 'OPEN', reader: 'reading' as const, underWay: new Bag(), lastAcceptedMs: undefined },
      ...{ caughtUp: true, checkpointAt: this.#clock(), held: 0 },
    };
    this.#channels.set(channelId, fresh);
    return fresh;
  }
}

/** Why the source is not ready, in a sentence; undefined when it is. */
export function notReady(
  { heartbeatAgeMs, channels }: ProgressNow,
  { timeoutMs, longestLagMs }: { timeoutMs: number; longestLagMs: number },
): string | undefined {
  if (heartbeatAgeMs === undefined) return 'no client is connected to the tunnel';
  if (heartbeatAgeMs > timeoutMs)
    return `the last heartbeat is ${heartbeatAgeMs} ms old, ${timeoutMs} are allowed`;
  const held = channels.find((channel) => channel.held);
  if (held !== undefined) return `channel ${held.id} stands still at an event that the sink will not have`;
  const late = channels.find(({ lagMs }) => lagMs > longestLagMs);
  if (late !== undefined) return `channel ${late.id} is ${late.lagMs} ms behind, ${longestLagMs} are allowed`;
  return undefined;
}
