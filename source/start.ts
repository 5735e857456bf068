import { hostname } from 'node:os';
import { messageOf } from '../domain/errors.ts';
import { isRetryable, isUnknownKey, OtsError } from '../ots/errors.ts';
import { createTablesApi } from '../ots/tables.ts';
import { createTransport, type Transport } from '../ots/transport.ts';
import { createTunnelApi } from '../ots/tunnel/api.ts';
import type { Process } from '../ots/tunnel/channel-reader.ts';
import type { ClientOptions } from '../ots/tunnel/client.ts';
import { consumeTunnel } from '../ots/tunnel/consume.ts';
import type { TunnelObserver } from '../ots/tunnel/observer.ts';
import { createHttpClient } from '../runtime/http-client.ts';
import type { Log } from '../runtime/log.ts';
import type { Running } from '../runtime/run-process.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import { notReady as whyNotReady } from './channel-progress.ts';
import type { SourceConfig } from './config.ts';
import { deliverBatch, recordDelivery } from './deliver.ts';
import { createSourceMetrics, type SourceMetrics } from './metrics.ts';
import { Progress } from './progress.ts';
import { provisionAtLast, type Wanted } from './provision.ts';
import { serveOperators } from './serve-operators.ts';
import { createSink } from './sink.ts';

/** A read of each of many channels may wait, and a heartbeat must not wait for them. */
const CONNECTIONS = 256;

const FIRST_POLL_MS = 20;
const IDLE_CHECKPOINT_MS = 60_000;

/** Why it is not ready before the table and the tunnel are known. */
const UNSEEN = 'table and tunnel could not be looked at yet';

/**
 * Starts the source: it listens at once, and is ready when its client has a place in the tunnel.
 * @throws ConfigError for a file of keys that cannot be read
 */
export async function startSource(
  config: SourceConfig,
  log: Log,
  ended: (error: unknown) => void,
): Promise<Running> {
  const { endpoint = '', instance } = config.tablestore;
  const credentials = tablestoreCredentials(config.tablestore, (sentence) => log.warn(sentence));
  const progress = new Progress();
  const metrics = createSourceMetrics(progress);
  let unseen: string | undefined = UNSEEN;
  const onProblem = (sentence: string): void => {
    unseen = `${UNSEEN}: ${sentence}`;
  };
  const transport = watchTransport(
    createTransport({
      endpoint,
      instance,
      credentials,
      http: createHttpClient({ connections: CONNECTIONS }),
    }),
    log,
    (path, why) => {
      if (unseen !== undefined) onProblem(why);
      else if (path === '/tunnel/heartbeat' || path === '/tunnel/connect') progress.unanswered(why);
    },
  );
  const retried = (path: string): void => metrics.retried(path);
  const tunnels = createTunnelApi(transport, retried);
  const stopping = new AbortController();

  const { caCerts, tokenFile, deadLetterSink, sendMs: deadlineMs, table, extensions, overrides } = config;
  const sinkOf = (url: string) => createSink({ url, caCerts, tokenFile, deadlineMs });
  const deliver = recordDelivery({
    origin: { instance, table, extensions, overrides },
    post: sinkOf(config.sink ?? ''),
    deadLetter: deadLetterSink === undefined ? undefined : sinkOf(deadLetterSink),
    ...{ tries: config.tries, metrics, log },
  });
  const process: Process = (batch, signal) => deliverBatch(batch, deliver, config.parallel, signal);
  const work = async (): Promise<void> => {
    // Keys of the environment stay as they are: one that the service does not know now will not be known later.
    const keysMayChange = config.tablestore.credentialsFile !== undefined;
    const atStart = keysMayChange ? undefined : { isFinal: isUnknownKey };
    const deps = {
      tables: createTablesApi(transport, atStart),
      tunnels: createTunnelApi(transport, retried, atStart),
      ...{ log, keysMayChange, onProblem },
    };
    const tunnelId = await provisionAtLast(deps, wantedOf(config), stopping.signal);
    unseen = undefined;
    const options = clientOptions(config, tunnelId);
    const observer = observeTunnel(progress, metrics, log);
    await consumeTunnel(tunnels, process, options, stopping.signal, observer);
  };

  const notReady = (): string | undefined => unseen ?? whyNotReady(progress.now(), config);
  const listener = await serveOperators({
    host: config.host,
    port: config.port,
    metrics,
    progress,
    notReady,
  });
  const working = work().catch((error: unknown) => {
    if (!stopping.signal.aborted) ended(error);
  });
  return {
    endpoints: { source: `http://127.0.0.1:${listener.port}` },
    async stop() {
      stopping.abort();
      await working;
      await listener.close(1_000);
      transport.close();
    },
  };
}

const wantedOf = ({ table, tunnel, base, start, streamHours, extensions }: SourceConfig): Wanted => ({
  ...{ table, tunnel, base: base === 'on', start, streamHours },
  keyColumns: [...extensions.values()],
});

const clientOptions = (
  { heartbeatMs, timeoutMs, pollMs, drainMs }: SourceConfig,
  tunnelId: string,
): ClientOptions => ({
  ...{ tunnelId, clientTag: hostname(), heartbeatMs, timeoutMs, drainMs },
  idleCheckpointMs: IDLE_CHECKPOINT_MS,
  poll: { firstMs: Math.min(FIRST_POLL_MS, pollMs), longestMs: pollMs },
});

/** Tells log, metrics and progress what happens to the tunnel's client and its channels. */
const observeTunnel = (progress: Progress, metrics: SourceMetrics, log: Log): TunnelObserver => ({
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

/** A kind of failure that did not come for so long is told again. */
const QUIET_MS = 60_000;

/**
 * The same transport, whose calls that fail and are tried again are told: all to `onFailed`, with the path and a sentence,
 * and the first of each kind to the log.
 */
function watchTransport(
  transport: Transport,
  log: Log,
  onFailed: (path: string, problem: string) => void,
): Transport {
  const lastAt = new Map<string, number>();
  const tell = (path: string, error: unknown): void => {
    const problem = messageOf(error);
    onFailed(path, problem);
    const kind = `${path} ${error instanceof OtsError ? error.code : 'no answer'}`;
    const now = performance.now();
    if (now - (lastAt.get(kind) ?? Number.NEGATIVE_INFINITY) > QUIET_MS)
      log.warn({ path, reason: problem }, 'Tablestore does not answer as it should, and is asked again');
    lastAt.set(kind, now);
  };
  return {
    async send(call) {
      try {
        return await transport.send(call);
      } catch (error) {
        if (call.signal?.aborted !== true && isRetryable(error)) tell(call.path, error);
        throw error;
      }
    },
    close: () => transport.close(),
  };
}
