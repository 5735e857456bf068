import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalDatabase } from '../../local/database.ts';
import { serveTablestore } from '../../local/tablestore/server.ts';
import { message } from '../../ots/wire/message.ts';
import { encodeRows } from '../../ots/wire/plain-buffer-writer.ts';
import type { Cell } from '../../ots/wire/row.ts';
import { DATA_PLANE_VERSION, headersWithSignature, TUNNEL_VERSION } from '../../ots/wire/signature.ts';
import { createLog } from '../../runtime/log.ts';

export const INSTANCE = 'sluice-local';
export const TABLE = 'weather';
const credentials = { accessKeyId: 'local', accessKeySecret: 'local-secret' };

/** A channel in the answer to DescribeTunnel. */
export interface DescribedChannel {
  readonly channelId: string;
  readonly channelType: 'BaseData' | 'Stream';
  readonly channelStatus: string;
  readonly clientId: string;
}

const keyOf = (id: string) => [{ name: 'id', value: id }];
const anyRow = { rowExistence: 'IGNORE' } as const;

/** Starts the local Tablestore on a free port, with one table keyed by `id`. Calls are signed requests. */
export async function startTunnelCloud({ partitions = 4 }: { readonly partitions?: number } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-tunnel-cloud-'));
  const database = openLocalDatabase(dir);
  const account = { keyId: credentials.accessKeyId, secret: credentials.accessKeySecret };
  const log = createLog('local', 'silent');
  const server = await serveTablestore({
    ...{ database, credentials: account, instance: INSTANCE, port: 0, log, partitions },
  });
  const endpoint = `http://127.0.0.1:${server.port}`;

  /** Sends a signed request. `name`: the name of its messages without `Request` and `Response`. */
  const call = async <A extends object>(path: string, name: string, request: object): Promise<A> => {
    const body = message<object>(`${name}Request`).encode(request);
    const version = path.startsWith('/tunnel/') ? TUNNEL_VERSION : DATA_PLANE_VERSION;
    const headers = headersWithSignature(path, body, {
      instance: INSTANCE,
      version,
      credentials,
      now: Date.now(),
    });
    const answer = await fetch(`${endpoint}${path}`, { method: 'POST', headers, body });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.ok) return message<A>(`${name}Response`).decode(bytes);
    const { code, message: text } = message<{ code: string; message?: string }>('Error').decode(bytes);
    throw new Error(`${path}: ${answer.status} ${code} ${text}`);
  };
  const callDataPlane = (name: string, request: object): Promise<object> => call(`/${name}`, name, request);
  const post = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`${endpoint}${path}`, { method: 'POST', body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
  };

  await callDataPlane('CreateTable', {
    tableMeta: { tableName: TABLE, primaryKey: [{ name: 'id', type: 'STRING' }] },
    reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
    tableOptions: { timeToLive: -1, maxVersions: 1 },
  });
  return {
    endpoint,
    put: (id: string, cells: readonly Cell[]) =>
      callDataPlane('PutRow', {
        tableName: TABLE,
        row: encodeRows([{ primaryKey: keyOf(id), cells }]),
        condition: anyRow,
      }),
    update: (id: string, cells: readonly Cell[]) =>
      callDataPlane('UpdateRow', {
        ...{ tableName: TABLE, condition: anyRow },
        rowChange: encodeRows([{ primaryKey: keyOf(id), cells }]),
      }),
    delete: (id: string) =>
      callDataPlane('DeleteRow', {
        ...{ tableName: TABLE, condition: anyRow },
        primaryKey: encodeRows([{ primaryKey: keyOf(id), cells: [], deleted: true }]),
      }),
    async createTunnel(tunnelType: string, tunnelName: string): Promise<string> {
      const tunnel = { tableName: TABLE, tunnelName, tunnelType };
      return (await call<{ tunnelId: string }>('/tunnel/create', 'CreateTunnel', { tunnel })).tunnelId;
    },
    async channels(tunnelName: string): Promise<readonly DescribedChannel[]> {
      const request = { tableName: TABLE, tunnelName };
      return (await call<{ channels: DescribedChannel[] }>('/tunnel/describe', 'DescribeTunnel', request))
        .channels;
    },
    /** Replaces the fault rules of the service. An empty list removes all. */
    faults: (...rules: object[]) => post('/-/faults', { rules }),
    /** Returns how often the current faults can still happen. */
    async faultsLeft(): Promise<number> {
      const answer = await fetch(`${endpoint}/-/faults`);
      const { rules } = (await answer.json()) as { rules: { left?: number }[] };
      return rules.reduce((sum, { left = 0 }) => sum + left, 0);
    },
    split: () => post('/-/faults/split', { table: TABLE }),
    expire: (tunnel: string) => post('/-/faults/expire', { table: TABLE, tunnel }),
    async stop(): Promise<void> {
      await server.close(0);
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type TunnelCloud = Awaited<ReturnType<typeof startTunnelCloud>>;
