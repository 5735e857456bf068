import { type Listener, listen } from '../../runtime/listen.ts';
import type { Log } from '../../runtime/log.ts';
import type { LocalDatabase } from '../database.ts';
import { TablestoreFaultInjector } from './faults.ts';
import { answerRequests } from './http/answer-requests.ts';
import { dataPlaneOperations } from './operations/data-plane-operations.ts';
import type { Operation } from './operations/operation.ts';
import { enableStream } from './operations/update-table.ts';
import { openStorage, type Storage } from './storage/storage.ts';
import { sweep } from './storage/sweep.ts';
import { createTunnelOperations } from './tunnel/tunnel-operations.ts';

const SECOND_MS = 1_000;

/** Longer than any client keeps an idle connection, so that the client closes it first. */
const KEEP_ALIVE_MS = 65 * SECOND_MS;
const HEADERS_MS = 30 * SECOND_MS;
const REQUEST_MS = 120 * SECOND_MS;
const SWEEP_MS = 600 * SECOND_MS;

export interface TablestoreOptions {
  readonly database: LocalDatabase;
  readonly credentials: { readonly keyId: string; readonly secret: string };
  readonly instance: string;
  /** 0 selects a free port. */
  readonly port: number;
  readonly log: Log;
  /** Returns the current time in epoch ms, for versions, time to live, retention and the dates of requests. */
  readonly clock?: () => number;
  /** How many partitions, and therefore channels, a new table has. */
  readonly partitions?: number;
}

/** Serves Tablestore's data plane, its Tunnel Service and the fault controls on 127.0.0.1 and ::1. */
export async function serveTablestore({
  database,
  credentials,
  instance,
  port,
  log,
  clock = Date.now,
  partitions = 4,
}: TablestoreOptions): Promise<Listener> {
  const storage = openStorage(database, { clock, partitions });
  const tunnels = createTunnelOperations({
    changes: storage.changes,
    tables: {
      exists: (table) => storage.tables.find(table) !== undefined,
      enableStream: (table) => enableStream(table, storage),
      streamId: (table) => storage.tables.find(table)?.stream?.id,
      expirationHours: (table) => storage.tables.find(table)?.stream?.expirationHours ?? 0,
    },
    database,
    clock,
    instance,
  });
  storage.tables.onRemove((table) => tunnels.drop(table));
  const operations = new Map<string, Operation>([...dataPlaneOperations(storage), ...tunnels.operations]);
  const faults = {
    injector: new TablestoreFaultInjector(),
    changes: storage.changes,
    expire: tunnels.expire,
  };
  const listener = await listen(
    answerRequests({ account: { credentials, instance }, operations, faults, log, clock }),
    {
      host: 'loopback',
      port,
      options: { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS },
      // A client can be frozen in the middle of a large answer.
      stalledMs: 0,
    },
  );
  const sweeping = sweepPeriodically(storage, log);
  return {
    port: listener.port,
    close: async (graceMs) => {
      await Promise.all([sweeping.stop(), listener.close(graceMs)]);
    },
  };
}

function sweepPeriodically(storage: Storage, log: Log): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => sweep(storage, stopping.signal))
      .then(
        () => {},
        (error: unknown) => log.error({ err: error }, 'failed to remove expired rows and changes'),
      );
  }, SWEEP_MS).unref();
  return {
    stop() {
      clearInterval(timer);
      stopping.abort();
      return running;
    },
  };
}
