import { hostname } from 'node:os';
import { createTablesApi } from '../ots/tables.ts';
import { createTransport } from '../ots/transport.ts';
import { createTunnelApi } from '../ots/tunnel/api.ts';
import type { Process } from '../ots/tunnel/channel-reader.ts';
import type { ClientOptions } from '../ots/tunnel/client.ts';
import { consumeTunnel } from '../ots/tunnel/consume.ts';
import type { Log } from '../runtime/log.ts';
import type { Running } from '../runtime/run-process.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import type { SourceConfig } from './config.ts';
import { deliverBatch } from './deliver-batch.ts';
import { recordDelivery } from './deliver-record.ts';
import { createSourceMetrics } from './metrics.ts';
import { observeTunnel } from './observe-tunnel.ts';
import { Progress } from './progress.ts';
import { notReady as whyNotReady } from './progress-now.ts';
import type { Wanted } from './provision.ts';
import { provisionAtLast } from './provision-at-last.ts';
import { serveOperators } from './serve-operators.ts';
import { createSink } from './sink.ts';
import { watchTransport } from './watch-transport.ts';

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
    createTransport({ endpoint, instance, credentials, connections: CONNECTIONS }),
    log,
    (path, why) => {
      if (unseen !== undefined) onProblem(why);
      else if (path === '/tunnel/heartbeat' || path === '/tunnel/connect') progress.unanswered(why);
    },
  );
  const tunnels = createTunnelApi(transport, (path) => metrics.retried(path));
  const tables = createTablesApi(transport);
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
    const deps = { tables, tunnels, log, onProblem };
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
