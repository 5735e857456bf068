import { request } from 'node:http';
import { Client } from '@temporalio/client';
import { channelKinds } from '../../adapters/channels/channel-kinds.ts';
import { createTablestoreStore } from '../../adapters/tablestore/tablestore-store.ts';
import { temporalAlertRuns } from '../../adapters/temporal/alert-runs.ts';
import { createAlertSignals } from '../../api/alerts/alert-signals.ts';
import { createApi } from '../../api/app.ts';
import { tableDefinitions } from '../../domain/table-definitions.ts';
import { createTablesApi } from '../../ots/tables-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { createHttpClient } from '../../runtime/http-client.ts';
import { listen } from '../../runtime/listen.ts';
import { createLog, type Log } from '../../runtime/log.ts';
import { createSealer } from '../../runtime/sealed-text.ts';
import { temporalConnection } from '../../runtime/temporal-connection.ts';
import { INSTANCE, KEY_ID, SECRET } from '../local/tablestore/running-tablestore.ts';

/** Noon of 2026-11-22 in Beijing. */
export const NOON = Date.parse('2026-11-22T04:00:00Z');

const credentials = () => ({ accessKeyId: KEY_ID, accessKeySecret: SECRET });

/** A test's context, or the context of a whole file. */
export interface Lifetime {
  after(cleanUp: () => unknown): void;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body parsed as JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Creates Sluice's tables in a local Tablestore, and returns a store. */
export async function storeAt(t: Lifetime, endpoint: string) {
  const transport = createOtsTransport({
    endpoint,
    instance: INSTANCE,
    credentials,
    http: createHttpClient({ maxConnections: 32 }),
  });
  const api = createTablesApi(transport);
  for (const table of tableDefinitions)
    if ((await api.describe(table.name)) === undefined) await api.create(table);
  transport.close();
  const store = createTablestoreStore({
    endpoint,
    instance: INSTANCE,
    credentials,
    tryMs: 1_800,
    totalMs: 1_900,
  });
  t.after(() => store.close());
  return store;
}

/**
 * Starts the api on a port of 127.0.0.1. The api validates its answers against the description. `get` sends a request.
 */
export async function startApi(
  t: Lifetime,
  options: {
    readonly store: Parameters<typeof createApi>[0]['store'];
    readonly temporal?: string;
    /** Whole stores can also write, which the routes of alerts need. */
    readonly alerts?: Partial<Parameters<typeof createApi>[0]['alerts']>;
    readonly apiTokens?: readonly string[];
    readonly apiReadTokens?: readonly string[];
    readonly openReads?: boolean;
    readonly metricsTokens?: readonly string[];
    readonly loopback?: boolean;
    readonly clock?: () => number;
    readonly draining?: () => boolean;
    readonly log?: Log;
  },
) {
  const { store, temporal = '127.0.0.1:1', apiTokens = [], loopback = true, clock = () => NOON } = options;
  const connection = temporalConnection({ address: temporal }, 1);
  const client = new Client({ connection, namespace: 'default' });
  const app = createApi({
    ...{ store, client, apiTokens, metricsTokens: options.metricsTokens ?? [], loopback, clock },
    ...{ apiReadTokens: options.apiReadTokens ?? [], openReads: options.openReads ?? false },
    alerts: {
      store: store as TableStore,
      ...{ channelKinds, privateOrigins: [], sealer: createSealer([]) },
      signals: createAlertSignals(client, temporalAlertRuns(client, { clock }), clock),
      ...options.alerts,
    },
    log: options.log ?? createLog('api', 'silent'),
    ...{ staleAfterMs: 7 * 3_600_000, issueStaleAfterMs: 24 * 3_600_000 },
    ...{ draining: options.draining ?? (() => false), validateResponses: true },
  });
  const listener = await listen(app, { host: '127.0.0.1', port: 0 });
  t.after(async () => {
    await listener.close(0);
    await connection.close();
  });
  const get = (path: string, sent: Parameters<typeof sendRequest>[2] = {}): Promise<Answer> =>
    sendRequest(listener.port, path, sent);
  return { get, client, port: listener.port };
}

/** Sends a request to a server on 127.0.0.1. `json` is sent as the body. */
export function sendRequest(
  port: number,
  path: string,
  {
    method = 'GET',
    json,
    body = json === undefined ? undefined : JSON.stringify(json),
    headers = {},
  }: {
    readonly method?: string;
    readonly json?: unknown;
    readonly body?: string | Buffer | undefined;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { ...type, ...length, ...headers },
        agent: false,
        timeout: 20_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== '';
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: isJson ? JSON.parse(text) : {},
          });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer within 20 s')));
    sent.on('error', reject);
    sent.end(body);
  });
}
