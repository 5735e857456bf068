import { Counter, Gauge, type Registry } from 'prom-client';
import { processMetrics } from '../runtime/health.ts';
import type { SourceProgress } from './source-progress.ts';

/** The source's Prometheus metrics. */
export interface SourceMetrics {
  readonly registry: Registry;
  /**
   * Counts an event as in flight until the returned function is called. `committedMs`: the commit time of its change in
   * epoch ms, undefined for base data.
   */
  beginEvent(channelId: string, committedMs: number | undefined): () => void;
  countDelivered(outcome: 'accepted' | 'dead_lettered'): void;
  /** Counts a failed attempt of an event or a call. */
  countFailedAttempt(reason: string): void;
  countRecords(count: number): void;
  /** Marks the channel as blocked, for this reason, until the returned function is called. */
  markBlocked(channelId: string, reason: string): () => void;
  countChannelFailure(): void;
}

export function createSourceMetrics(progress: SourceProgress): SourceMetrics {
  const registry = processMetrics();
  const registers = [registry];
  const events = new Counter({
    ...{ name: 'sluice_source_events_total', labelNames: ['outcome'], registers },
    help: 'Delivered events by outcome: accepted by the sink, or dead_lettered.',
  });
  const byOutcome = {
    accepted: events.labels('accepted'),
    dead_lettered: events.labels('dead_lettered'),
  };
  const records = new Counter({
    ...{ name: 'sluice_source_records_total', registers },
    help: 'Records read from the tunnel, including records that were read again.',
  });
  const retries = new Counter({
    ...{ name: 'sluice_source_retries_total', labelNames: ['reason'], registers },
    help: 'Failed attempts, by reason: the outcome for events, the path for Tunnel Service calls.',
  });
  const failures = new Counter({
    ...{ name: 'sluice_source_channel_failures_total', registers },
    help: 'Channels that were restarted because their records could not be read or decoded.',
  });
  const perChannel = (name: string, help: string, value: (channel: Channel) => number) =>
    new Gauge({
      ...{ name: `sluice_source_${name}`, help, labelNames: ['channel'], registers },
      collect() {
        this.reset();
        for (const channel of progress.snapshot().channels) this.set({ channel: channel.id }, value(channel));
      },
    });
  perChannel(
    'lag_seconds',
    'Age of the oldest change that is not accepted. While reads fail, at least the time since they last worked.',
    ({ lagMs }) => lagMs / 1_000,
  );
  perChannel(
    'checkpoint_age_seconds',
    'Time since the channel’s last checkpoint.',
    ({ checkpointAgeMs }) => checkpointAgeMs / 1_000,
  );
  perChannel('in_flight', 'Events in flight.', ({ inFlight }) => inFlight);
  new Gauge({
    ...{ name: 'sluice_source_heartbeat_age_seconds', registers },
    help: 'Time since the last successful heartbeat; -1 if no client is connected.',
    collect() {
      const { heartbeatAgeMs } = progress.snapshot();
      this.set(heartbeatAgeMs === undefined ? -1 : heartbeatAgeMs / 1_000);
    },
  });
  return {
    registry,
    beginEvent: (channelId, committedMs) => progress.beginEvent(channelId, committedMs),
    countDelivered: (outcome) => byOutcome[outcome].inc(),
    countFailedAttempt: (reason) => retries.inc({ reason }),
    countRecords: (count) => records.inc(count),
    markBlocked: (channelId, reason) => progress.markBlocked(channelId, reason),
    countChannelFailure: () => failures.inc(),
  };
}

type Channel = ReturnType<SourceProgress['snapshot']>['channels'][number];
