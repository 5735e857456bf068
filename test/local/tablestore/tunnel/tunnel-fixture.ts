import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalDatabase, openLocalDatabase } from '../../../../local/database.ts';
import type { ChannelReport } from '../../../../local/tablestore/tunnel/merge-reports.ts';
import { createTunnelOperations } from '../../../../local/tablestore/tunnel/tunnel-operations.ts';
import { message } from '../../../../ots/wire/message.ts';
import { decodeRows } from '../../../../ots/wire/plain-buffer-reader.ts';
import type { PlainRow } from '../../../../ots/wire/row.ts';
import { MemoryChangeLog } from './memory-change-log.ts';

export const TABLE = 'weather';

/** The fields of answers that the tests use. */
export interface Answer {
  readonly tunnelId: string;
  readonly clientId: string;
  readonly channels: readonly (ChannelReport & Readonly<Record<string, unknown>>)[];
  readonly checkpoint: string;
  readonly sequenceNumber: bigint;
  readonly records: readonly { readonly actionType: string; readonly record: Buffer }[];
  readonly nextToken: string;
  readonly mayMoreRecord: boolean;
  readonly tunnel: Readonly<Record<string, unknown>>;
  readonly tunnels: readonly Readonly<Record<string, unknown>>[];
  readonly tunnelRpo: bigint;
  readonly rpoInfos: Buffer;
}

const names: Readonly<Record<string, string>> = {
  ...{ create: 'CreateTunnel', delete: 'DeleteTunnel', list: 'ListTunnel', describe: 'DescribeTunnel' },
  ...{ connect: 'Connect', heartbeat: 'Heartbeat', shutdown: 'Shutdown', getcheckpoint: 'GetCheckpoint' },
  ...{ readrecords: 'ReadRecords', checkpoint: 'Checkpoint', schedule: 'Schedule', getrpo: 'GetRpo' },
};

/**
 * Creates the Tunnel Service over a log in memory, with its own database and a clock that only `advanceClock`
 * advances.
 */
export function startTunnelService({
  log = new MemoryChangeLog(),
  seed,
}: {
  log?: MemoryChangeLog;
  seed?: number;
} = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-tunnel-'));
  let nowMs = Date.UTC(2026, 10, 22);
  let stream: string | undefined;
  let exists = true;
  let database: LocalDatabase;
  let service: ReturnType<typeof createTunnelOperations>;
  const open = (): void => {
    database = openLocalDatabase(dir);
    service = createTunnelOperations({
      ...{ changes: log, database, clock: () => nowMs, instance: 'sluice-local' },
      ...(seed === undefined ? {} : { seed }),
      tables: {
        exists: (table) => exists && table === TABLE,
        enableStream: () => {
          stream = `stream-${nowMs}`;
          return stream;
        },
        streamId: () => stream,
        expirationHours: () => 24,
      },
    });
  };
  open();
  const raw = (call: string, body: Buffer): Buffer => {
    const operation = service.operations.get(`/tunnel/${call}`);
    assert.ok(operation, call);
    return operation(body);
  };
  const send = (call: string, request: object): Answer =>
    message<Answer>(`${names[call]}Response`).decode(
      raw(call, message<object>(`${names[call]}Request`).encode(request)),
    );

  return {
    ...{ log, raw, send },
    get service() {
      return service;
    },
    get nowMs() {
      return nowMs;
    },
    advanceClock(ms: number): void {
      nowMs += ms;
    },
    dropTable(): void {
      exists = false;
      stream = undefined;
    },
    /** Creates the table again after `dropTable`, with a new stream. */
    recreateTable(): void {
      exists = true;
      stream = 'stream-of-another';
    },
    /** Closes the database and opens it again, as a restart does. */
    async restart(): Promise<void> {
      await database.close();
      open();
    },
    create(tunnelType: string, tunnelName = 'changes', moreFields: object = {}): string {
      return send('create', { tunnel: { tableName: TABLE, tunnelName, tunnelType, ...moreFields } }).tunnelId;
    },
    describe: (tunnelName = 'changes') => send('describe', { tableName: TABLE, tunnelName }),
    /** Connects a client and returns its calls. */
    connect(tunnelId: string, timeout = 10) {
      const { clientId } = send('connect', { tunnelId, clientConfig: { timeout, clientTag: 'test' } });
      const own = { tunnelId, clientId };
      return {
        ...own,
        heartbeat: (...channels: ChannelReport[]) => send('heartbeat', { ...own, channels }).channels,
        getCheckpoint: (channelId: string) => send('getcheckpoint', { ...own, channelId }),
        read: (channelId: string, token: string) => send('readrecords', { ...own, channelId, token }),
        checkpoint: (channelId: string, checkpoint: string, sequenceNumber: bigint) =>
          send('checkpoint', { ...own, channelId, checkpoint, sequenceNumber }),
        shutdown: () => send('shutdown', own),
        /** Reads a channel to its current end, stores the checkpoint, and returns the rows. */
        drain(channelId: string): PlainRow[] {
          const rows: PlainRow[] = [];
          const { checkpoint, sequenceNumber } = send('getcheckpoint', { ...own, channelId });
          let token = checkpoint;
          for (;;) {
            const page = send('readrecords', { ...own, channelId, token });
            rows.push(...page.records.flatMap(({ record }) => decodeRows(record)));
            token = page.nextToken;
            if (!page.mayMoreRecord) break;
          }
          if (token !== checkpoint)
            send('checkpoint', { ...own, channelId, checkpoint: token, sequenceNumber: sequenceNumber + 1n });
          return rows;
        },
      };
    },
    async close(): Promise<void> {
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
