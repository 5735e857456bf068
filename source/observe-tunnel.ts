import { messageOf } from '../domain/errors.ts';
import type { TunnelObserver } from '../ots/tunnel/observer.ts';
import type { Log } from '../runtime/log.ts';
import type { SourceMetrics } from './metrics.ts';
import type { Progress } from './progress.ts';

/** Tells log, metrics and progress what happens to the tunnel's client and its channels. */
export const observeTunnel = (progress: Progress, metrics: SourceMetrics, log: Log): TunnelObserver => ({
  connected(clientId) {
    progress.connected(clientId);
    log.info({ clientId }, 'connected to the tunnel');
  },
  lost(error, againMs) {
    progress.lost(messageOf(error));
    log.warn({ reason: messageOf(error), againMs }, 'the client is lost, another connects');
  },
  heartbeat: () => progress.heartbeat(),
  channels: (channels) => progress.channels(channels),
  readFailed: (channelId, error) => progress.readFailed(channelId, messageOf(error)),
  page(channelId, records, caughtUp) {
    metrics.records(records);
    progress.page(channelId, records, caughtUp);
  },
  checkpoint: (channelId) => progress.checkpoint(channelId),
  channelFailed(channelId, error) {
    metrics.channelFailed();
    progress.channelFailed(channelId, messageOf(error));
    log.warn({ channelId, reason: messageOf(error) }, 'a channel failed');
  },
  retry: (path) => metrics.retried(path),
});
