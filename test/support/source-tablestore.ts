import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { tableDefinitions } from '../../domain/table-definitions.ts';
import { openLocalDatabase } from '../../local/database.ts';
import { createInitialTables } from '../../local/tablestore/initial-tables.ts';
import { serveTablestore } from '../../local/tablestore/server.ts';
import { createRowsApi } from '../../ots/rows-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { createTunnelApi } from '../../ots/tunnel/tunnel-api.ts';
import { message } from '../../ots/wire/message.ts';
import { encodeRows } from '../../ots/wire/plain-buffer-writer.ts';
import type { Cell } from '../../ots/wire/row.ts';
import { DATA_PLANE_VERSION } from '../../ots/wire/signature.ts';
import { createHttpClient } from '../../runtime/http-client.ts';
import { createLog } from '../../runtime/log.ts';
import { loadSourceConfig } from '../../source/config.ts';
import { startSource } from '../../source/start.ts';
import { undoAfter } from '../local/local-cloud.ts';

const INSTANCE = 'sluice-local';
const ANY_CONDITION = { rowExistence: 'IGNORE' };

export const weatherKey = (adcode: string, date = '2026-11-22') => [
  { name: 'adcode', value: adcode },
  { name: 'date', value: date },
];

/** Starts a local Tablestore with the table `weather` in the test's process. The server stops after the test. */
export async function startSourceTablestore(
  t: TestContext,
  { partitions = 4 }: { partitions?: number } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-source-cloud-'));
  const database = openLocalDatabase(dir);
  /** The account that requests must have. A test can change the account at any time. */
  const account = { keyId: 'local', secret: 'local-secret' };
  const log = createLog('local', 'silent');
  const server = await serveTablestore({
    ...{ database, credentials: account, instance: INSTANCE, port: 0, log, partitions },
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  await createInitialTables(endpoint, INSTANCE, account, tableDefinitions);
  const credentials = () => ({ accessKeyId: account.keyId, accessKeySecret: account.secret });
  const transport = createOtsTransport({
    endpoint,
    instance: INSTANCE,
    credentials,
    http: createHttpClient({ maxConnections: 32 }),
  });
  undoAfter(t, async () => {
    transport.close();
    await server.close(0);
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const send = (path: string, body: Buffer) =>
    transport.send({ path, version: DATA_PLANE_VERSION, body, timeoutMs: 10_000 });
  const rows = createRowsApi(transport);
  return {
    ...{ endpoint, account },
    tunnels: createTunnelApi(transport),
    put: (adcode: string, cells: readonly Cell[] = []) => rows.put('weather', weatherKey(adcode), cells),
    delete: (adcode: string) => rows.delete('weather', weatherKey(adcode)),
    async update(adcode: string, cells: readonly Cell[]): Promise<void> {
      const rowChange = encodeRows([{ primaryKey: weatherKey(adcode), cells }]);
      const request = { tableName: 'weather', condition: ANY_CONDITION, rowChange };
      await send('/UpdateRow', message<object>('UpdateRowRequest').encode(request));
    },
    /** Puts one row for each adcode in one request, at most 200. */
    async putMany(adcodes: readonly string[]): Promise<void> {
      const changes = adcodes.map((adcode) => ({
        ...{ type: 'PUT', condition: ANY_CONDITION },
        rowChange: encodeRows([{ primaryKey: weatherKey(adcode), cells: [] }]),
      }));
      const request = { tables: [{ tableName: 'weather', rows: changes }] };
      await send('/BatchWriteRow', message<object>('BatchWriteRowRequest').encode(request));
    },
    /** Replaces all fault rules; see docs/tablestore.md. */
    async faults(...rules: readonly object[]): Promise<void> {
      const answer = await fetch(`${endpoint}/-/faults`, { method: 'POST', body: JSON.stringify({ rules }) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    /** The settings of a source for this Tablestore. */
    environment: {
      ...{ TABLESTORE_ENDPOINT: endpoint, TABLESTORE_INSTANCE: INSTANCE },
      ...{ TABLESTORE_ACCESSKEYID: account.keyId, TABLESTORE_ACCESSKEYSECRET: account.secret },
      ...{
        SLUICE_HOST: '127.0.0.1',
        SOURCE_HEARTBEAT_MS: '200',
        SOURCE_TIMEOUT_MS: '2000',
        SOURCE_POLL_MS: '50',
      },
      SOURCE_DRAIN_MS: '500',
    },
  };
}

/** Starts a source in the test's process. The source stops after the test, or earlier with `stop`. */
export async function startTestSource(t: TestContext, env: Readonly<Record<string, string>>) {
  const failures: unknown[] = [];
  const config = loadSourceConfig({ PORT: '0', ...env });
  const running = await startSource(config, createLog('source', 'silent'), (error) => failures.push(error));
  const url = running.endpoints?.source ?? '';
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= running.stop();
    return stopped;
  };
  undoAfter(t, stop);
  return {
    ...{ url, failures, stop },
    /** Returns why the source is not ready; undefined if the source is ready. */
    async notReadyReason(): Promise<string | undefined> {
      const answer = await fetch(`${url}/readyz`);
      if (answer.status === 200) return undefined;
      return `${answer.status} ${((await answer.json()) as { error: string }).error}`;
    },
    /** Returns the sum of a metric over all matching labels. */
    async metric(name: string, labels = ''): Promise<number> {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text
        .split('\n')
        .filter((line) => line.startsWith(`sluice_source_${name}`) && line.includes(labels))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
  };
}
