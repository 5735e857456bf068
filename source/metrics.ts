import { Counter, Gauge, type Registry } from 'prom-client';
import { processMetrics } from '../runtime/health.ts';
import type { SourceProgress } from './source-progress.ts';

/** What Prometheus reads, and what tells it. */
export interface SourceMetrics {
  readonly registry: Registry;
  /** An event is under way, of a change committed at this time (epoch ms; undefined: base data), until the answer is called. */
  beginEvent(channelId: string, committedMs: number | undefined): () => void;
  countDelivered(outcome: 'accepted' | 'dead_lettered'): void;
  /** An event or a call has to be tried again. */
  countRetry(reason: string): void;
  countRecords(count: number): void;
  /** Its channel stands still, for this reason, until the answer is called. */
  markBlocked(channelId: string, reason: string): () => void;
  countChannelFailure(): void;
}

export function createSourceMetrics(progress: SourceProgress): SourceMetrics {
  const registry = processMetrics();
  const registers = [registry];
  const events = new Counter({
    ...{ name: 'sluice_source_events_total', labelNames: ['outcome'], registers },
    help: 'Events by who took them.',
  });
  const byOutcome = {
    accepted: events.labels('accepted'),
    dead_lettered: events.labels('dead_lettered'),
  };
  const records = new Counter({
    ...{ name: 'sluice_source_records_total', registers },
    help: 'Records read from the tunnel; more than events where some came again.',
  });
  const retries = new Counter({
    ...{ name: 'sluice_source_retries_total', labelNames: ['reason'], registers },
    help: 'Tries that failed: of events by the sink’s answer, of calls to the tunnel by their path.',
  });
  const failures = new Counter({
    ...{ name: 'sluice_source_channel_failures_total', registers },
    help: 'Channels that were given up and begun anew: their records could not be read, or not decoded.',
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
    'Age of the oldest change that is not accepted; where reads fail, at least since they do.',
    ({ lagMs }) => lagMs / 1_000,
  );
  perChannel(
    'checkpoint_age_seconds',
    'Since a channel’s place was stored.',
    ({ checkpointAgeMs }) => checkpointAgeMs / 1_000,
  );
  perChannel('in_flight', 'Events under way.', ({ inFlight }) => inFlight);
  new Gauge({
    ...{ name: 'sluice_source_heartbeat_age_seconds', registers },
    help: 'Since the service heard of this client; -1 when none is connected.',
    collect() {
      const { heartbeatAgeMs } = progress.snapshot();
      this.set(heartbeatAgeMs === undefined ? -1 : heartbeatAgeMs / 1_000);
    },
  });
  return {
    registry,
    beginEvent: (channelId, committedMs) => progress.beginEvent(channelId, committedMs),
    countDelivered: (outcome) => byOutcome[outcome].inc(),
    countRetry: (reason) => retries.inc({ reason }),
    countRecords: (count) => records.inc(count),
    markBlocked: (channelId, reason) => progress.markBlocked(channelId, reason),
    countChannelFailure: () => failures.inc(),
  };
}

type Channel = ReturnType<SourceProgress['snapshot']>['channels'][number];
