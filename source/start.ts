import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInput, messageOf } from '../domain/errors.ts';
import { createTablesApi } from '../ots/tables.ts';
import { createTransport } from '../ots/transport.ts';
import { createTunnelApi } from '../ots/tunnel/api.ts';
import { consequenceOf } from '../ots/tunnel/consequence.ts';
import { consumeTunnel } from '../ots/tunnel/consume.ts';
import type { TunnelObserver } from '../ots/tunnel/observer.ts';
import type { Log } from '../runtime/log.ts';
import type { Running } from '../runtime/run-process.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import type { SourceConfig } from './config.ts';
import { deliverBatch } from './deliver-batch.ts';
import { recordDelivery } from './deliver-record.ts';
import { createSourceMetrics } from './metrics.ts';
import { notReady, Progress } from './progress.ts';
import { provision } from './provision.ts';
import { serveOperators } from './serve-operators.ts';
import { createSink } from './sink.ts';

const FIRST_POLL_MS = 20;
const IDLE_CHECKPOINT_MS = 60_000;
/** Between tries to find table and tunnel while the service cannot be reached, or refuses. */
const PROVISION_MS = 5_000;

/** Nothing but a person helps. */
const isFatal = (error: unknown): boolean => consequenceOf(error, 'tunnel') === 'fatal';

/** Starts the source: it listens at once, and is ready when its client has a place in the tunnel. */
export async function startSource(
  config: SourceConfig,
  log: Log,
  ended: (error: unknown) => void,
): Promise<Running> {
  const { endpoint = '', instance } = config.tablestore;
  const credentials = tablestoreCredentials(config.tablestore, (sentence) => log.warn(sentence));
  const transport = createTransport({ endpoint, instance, credentials });
  const progress = new Progress();
  const metrics = createSourceMetrics(progress);
  const tunnels = createTunnelApi(transport, (path) => metrics.retried(path));
  const tables = createTablesApi(transport);
  const stopping = new AbortController();
  const {
    table,
    tunnel,
    base,
    start,
    streamHours,
    extensions,
    overrides,
    deadLetterSink,
    tokenFile,
    caCerts,
  } = config;
  let problem: string | undefined = 'table and tunnel were not looked at yet';

  const sinkOf = (url: string) => createSink({ url, caCerts, tokenFile, deadlineMs: config.sendMs });
  const deliver = recordDelivery({
    origin: { instance, table, extensions, overrides },
    post: sinkOf(config.sink ?? ''),
    deadLetter: deadLetterSink === undefined ? undefined : sinkOf(deadLetterSink),
    ...{ tries: config.tries, metrics, log },
  });
  const provisioned = async (): Promise<string> => {
    const wanted = {
      table,
      tunnel,
      base: base === 'on',
      start,
      streamHours,
      keyColumns: [...extensions.values()],
    };
    for (;;) {
      try {
        const { tunnelId, made, drift } = await provision(tables, tunnels, wanted, stopping.signal);
        for (const what of made) log.info({ made: what }, 'made what was absent');
        for (const sentence of drift)
          log.warn({ drift: sentence }, 'found otherwise than configured, left as it is');
        problem = undefined;
        return tunnelId;
      } catch (error) {
        stopping.signal.throwIfAborted();
        // A table may still be made: whoever starts everything at once need not start again.
        const isFinal = error instanceof InvalidInput ? error.type !== 'NoTable' : isFatal(error);
        if (isFinal) throw error;
        problem = messageOf(error);
        log.warn({ reason: problem }, 'table and tunnel could not be looked at yet');
        await sleep(PROVISION_MS, undefined, { signal: stopping.signal });
      }
    }
  };
  const observer: TunnelObserver = {
    connected(clientId) {
      progress.connected(clientId);
      log.info({ clientId }, 'connected to the tunnel');
    },
    lost(error, againMs) {
      progress.lost();
      log.warn({ reason: messageOf(error), againMs }, 'the client is lost, another connects');
    },
    heartbeat: () => progress.heartbeat(),
    channels: (channels) => progress.channels(channels),
    page(channelId, records, caughtUp) {
      metrics.records(records);
      progress.page(channelId, caughtUp);
    },
    checkpoint: (channelId) => progress.checkpoint(channelId),
    channelFailed: (channelId, error) =>
      log.warn({ channelId, reason: messageOf(error) }, 'a channel failed'),
    retry: (path) => metrics.retried(path),
  };
  const work = async (): Promise<void> => {
    const tunnelId = await provisioned();
    const { heartbeatMs, timeoutMs, pollMs, drainMs, parallel } = config;
    const options = {
      ...{
        tunnelId,
        clientTag: hostname(),
        heartbeatMs,
        timeoutMs,
        drainMs,
        idleCheckpointMs: IDLE_CHECKPOINT_MS,
      },
      poll: { firstMs: Math.min(FIRST_POLL_MS, pollMs), longestMs: pollMs },
    };
    const process = (batch: Parameters<typeof deliverBatch>[0], signal: AbortSignal) =>
      deliverBatch(batch, deliver, parallel, signal);
    await consumeTunnel(tunnels, process, options, stopping.signal, observer);
  };

  const ready = (): string | undefined => problem ?? notReady(progress.now(), config);
  const listener = await serveOperators({ host: config.host, port: config.port, metrics, progress, ready });
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
