import { hostname } from 'node:os';
import { messageOf } from '../domain/errors.ts';
import { isRetryable, isUnknownKey, OtsError } from '../ots/errors.ts';
import { createTablesApi } from '../ots/tables-api.ts';
import { createOtsTransport, type OtsTransport } from '../ots/transport.ts';
import type { ProcessBatch } from '../ots/tunnel/channel-reader.ts';
import { consumeTunnel } from '../ots/tunnel/consume-tunnel.ts';
import { createTunnelApi } from '../ots/tunnel/tunnel-api.ts';
import type { TunnelClientOptions } from '../ots/tunnel/tunnel-client.ts';
import type { TunnelObserver } from '../ots/tunnel/tunnel-observer.ts';
import { createHttpClient } from '../runtime/http-client.ts';
import type { Log } from '../runtime/log.ts';
import type { RunningProcess } from '../runtime/run-process.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import { notReadyReason as whyNotReady } from './channel-progress.ts';
import type { SourceConfig } from './config.ts';
import { createRecordDelivery, deliverBatch } from './deliver-batch.ts';
import { createSourceMetrics, type SourceMetrics } from './metrics.ts';
import { type DesiredTunnel, provisionWithRetry } from './provision.ts';
import { createSinkClient } from './sink-client.ts';
import { SourceProgress } from './source-progress.ts';
import { startStatusServer } from './status-server.ts';

/** Allows one concurrent read for each of many channels, so that heartbeats never wait for a free connection. */
const MAX_CONNECTIONS = 256;

const FIRST_POLL_MS = 20;
const IDLE_CHECKPOINT_MS = 60_000;

/** Why the source is not ready while the table and the tunnel are unknown. */
const NOT_PROVISIONED = 'the table and the tunnel are not checked yet';

/**
 * Starts the source. The source listens at once, and is ready when its client is connected to the tunnel.
 * @throws ConfigError if the credentials file cannot be read
 */
export async function startSource(
  config: SourceConfig,
  log: Log,
  onFatalError: (error: unknown) => void,
): Promise<RunningProcess> {
  const { endpoint = '', instance } = config.tablestore;
  const credentials = tablestoreCredentials(config.tablestore, (sentence) => log.warn(sentence));
  const progress = new SourceProgress();
  const metrics = createSourceMetrics(progress);
  let provisionProblem: string | undefined = NOT_PROVISIONED;
  const onProblem = (sentence: string): void => {
    provisionProblem = `${NOT_PROVISIONED}: ${sentence}`;
  };
  const transport = withFailureLog(
    createOtsTransport({
      endpoint,
      instance,
      credentials,
      http: createHttpClient({ maxConnections: MAX_CONNECTIONS }),
    }),
    log,
    (path, why) => {
      if (provisionProblem !== undefined) onProblem(why);
      else if (path === '/tunnel/heartbeat' || path === '/tunnel/connect') progress.requestFailed(why);
    },
  );
  const onRetry = (path: string): void => metrics.countFailedAttempt(path);
  const tunnels = createTunnelApi(transport, onRetry);
  const stopping = new AbortController();

  const { caCerts, tokenFile, deadLetterSink, sendMs: timeoutMs, table, extensions, overrides } = config;
  const sinkOf = (url: string) => createSinkClient({ url, caCerts, tokenFile, timeoutMs });
  const deliver = createRecordDelivery({
    origin: { instance, table, extensions, overrides },
    post: sinkOf(config.sink ?? ''),
    deadLetter: deadLetterSink === undefined ? undefined : sinkOf(deadLetterSink),
    ...{ tries: config.tries, metrics, log },
  });
  const processBatch: ProcessBatch = (batch, signal) => deliverBatch(batch, deliver, config.parallel, signal);
  const work = async (): Promise<void> => {
    // Access keys from the environment never change: a key that is unknown now stays unknown.
    const accessKeyMayChange = config.tablestore.credentialsFile !== undefined;
    const retryRulesAtStart = accessKeyMayChange ? undefined : { isFinal: isUnknownKey };
    const deps = {
      tables: createTablesApi(transport, retryRulesAtStart),
      tunnels: createTunnelApi(transport, onRetry, retryRulesAtStart),
      ...{ log, accessKeyMayChange, onProblem },
    };
    const tunnelId = await provisionWithRetry(deps, desiredTunnel(config), stopping.signal);
    provisionProblem = undefined;
    const options = clientOptions(config, tunnelId);
    const observer = observeTunnel(progress, metrics, log);
    await consumeTunnel(tunnels, processBatch, options, stopping.signal, observer);
  };

  const notReadyReason = (): string | undefined =>
    provisionProblem ?? whyNotReady(progress.snapshot(), config);
  const listener = await startStatusServer({
    host: config.host,
    port: config.port,
    metrics,
    progress,
    metricsTokens: config.metricsTokens,
    notReady: notReadyReason,
  });
  const workEnded = work().catch((error: unknown) => {
    if (!stopping.signal.aborted) onFatalError(error);
  });
  return {
    endpoints: { source: `http://127.0.0.1:${listener.port}` },
    async stop() {
      stopping.abort();
      await workEnded;
      await listener.close(1_000);
      transport.close();
    },
  };
}

const desiredTunnel = ({
  table,
  tunnel,
  base,
  start,
  streamHours,
  extensions,
}: SourceConfig): DesiredTunnel => ({
  ...{ table, tunnel, base: base === 'on', start, streamHours },
  keyColumns: [...extensions.values()],
});

const clientOptions = (
  { heartbeatMs, timeoutMs, pollMs, drainMs }: SourceConfig,
  tunnelId: string,
): TunnelClientOptions => ({
  ...{ tunnelId, clientTag: hostname(), heartbeatMs, timeoutMs, drainMs },
  idleCheckpointMs: IDLE_CHECKPOINT_MS,
  poll: { firstMs: Math.min(FIRST_POLL_MS, pollMs), longestMs: pollMs },
});

/** Forwards the tunnel client's events to the log, the metrics and the progress. */
const observeTunnel = (progress: SourceProgress, metrics: SourceMetrics, log: Log): TunnelObserver => ({
  connected(clientId) {
    progress.connected(clientId);
    log.info({ clientId }, 'connected to the tunnel');
  },
  lost(error, reconnectMs) {
    progress.clientLost(messageOf(error));
    log.warn({ reason: messageOf(error), againMs: reconnectMs }, 'lost the tunnel client, reconnecting');
  },
  heartbeat: () => progress.heartbeat(),
  channels: (channels) => progress.setChannels(channels),
  readFailed: (channelId, error) => progress.readFailed(channelId, messageOf(error)),
  page(channelId, records, caughtUp) {
    metrics.countRecords(records);
    progress.page(channelId, records, caughtUp);
  },
  checkpoint: (channelId) => progress.checkpoint(channelId),
  channelFailed(channelId, error) {
    metrics.countChannelFailure();
    progress.channelFailed(channelId, messageOf(error));
    log.warn({ channelId, reason: messageOf(error) }, 'a channel has failed');
  },
  retry: (path) => metrics.countFailedAttempt(path),
});

/** A failure is logged only if the last failure of the same kind is older than this. */
const REPEATED_LOG_MS = 60_000;

/**
 * Wraps a transport. Passes each retryable failure to `onFailed`, with the path and the message. Logs a failure unless
 * one of the same kind has occurred recently.
 */
function withFailureLog(
  transport: OtsTransport,
  log: Log,
  onFailed: (path: string, problem: string) => void,
): OtsTransport {
  const lastAt = new Map<string, number>();
  const reportFailure = (path: string, error: unknown): void => {
    const problem = messageOf(error);
    onFailed(path, problem);
    const kind = `${path} ${error instanceof OtsError ? error.code : 'no answer'}`;
    const now = performance.now();
    if (now - (lastAt.get(kind) ?? Number.NEGATIVE_INFINITY) > REPEATED_LOG_MS)
      log.warn({ path, reason: problem }, 'a call to Tablestore has failed, retrying');
    lastAt.set(kind, now);
  };
  return {
    async send(call) {
      try {
        return await transport.send(call);
      } catch (error) {
        if (call.signal?.aborted !== true && isRetryable(error)) reportFailure(call.path, error);
        throw error;
      }
    },
    close: () => transport.close(),
  };
}
