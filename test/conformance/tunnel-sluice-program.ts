/** Runs Sluice's tunnel client and prints its events, as test/tools/tablestore-go does for the vendor's client. */
import { parseArgs } from 'node:util';
import { OtsError } from '../../ots/errors.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { consumeTunnel } from '../../ots/tunnel/consume-tunnel.ts';
import { createTunnelApi } from '../../ots/tunnel/tunnel-api.ts';
import type { TunnelRecord } from '../../ots/tunnel/tunnel-record.ts';
import type { CellValue } from '../../ots/wire/row.ts';
import { createHttpClient } from '../../runtime/http-client.ts';

const option = { type: 'string', default: '' } as const;
const { values } = parseArgs({
  options: {
    ...{ endpoint: option, instance: option, 'tunnel-id': option, 'client-name': option },
    ...{ 'heartbeat-ms': option, 'timeout-ms': option },
  },
});
const client = values['client-name'];
const print = (line: object): void => void process.stdout.write(`${JSON.stringify({ client, ...line })}\n`);

const typeOf = (value: CellValue | undefined): string => {
  if (value === undefined) return 'none';
  if (Buffer.isBuffer(value)) return 'binary';
  return { bigint: 'integer', number: 'double', boolean: 'boolean', string: 'string' }[
    typeof value as 'string'
  ];
};
const textOf = (value: CellValue | undefined): string =>
  Buffer.isBuffer(value) ? value.toString('base64') : String(value ?? '');
const actions = { PUT_ROW: 'PutRow', UPDATE_ROW: 'UpdateRow', DELETE_ROW: 'DeleteRow' } as const;

const recordLine = ({ action, primaryKey, cells, sequence }: TunnelRecord) => ({
  action: actions[action],
  key: primaryKey.map(({ name, value }) => ({ name, type: typeOf(value), value: textOf(value) })),
  columns: cells.map(({ name, value, operation = 'put' }) => ({
    ...{ name, change: operation, type: typeOf(value), value: textOf(value) },
  })),
  ...(sequence === undefined ? {} : { sequence: `${sequence.timestamp}:${sequence.rowIndex}` }),
});

const batches = new Map<string, number>();
const sessions = new Map<string, number>();
let session = 0;
const stop = new AbortController();
process.on('SIGTERM', () => {
  print({ type: 'stopping' });
  stop.abort();
});
const credentials = () => ({ accessKeyId: 'local', accessKeySecret: 'local-secret' });
const { endpoint, instance, 'tunnel-id': tunnelId } = values;
const transport = createOtsTransport({
  endpoint,
  instance,
  credentials,
  http: createHttpClient({ maxConnections: 32 }),
});
print({ type: 'started' });
try {
  await consumeTunnel(
    createTunnelApi(transport),
    ({ channelId: channel, records }) => {
      const batch = (batches.get(channel) ?? 0) + 1;
      batches.set(channel, batch);
      for (const record of records)
        print({ type: 'record', channel, session: sessions.get(channel), batch, ...recordLine(record) });
      return Promise.resolve();
    },
    {
      ...{ tunnelId, clientTag: client, drainMs: 5_000, idleCheckpointMs: 60_000 },
      ...{ heartbeatMs: Number(values['heartbeat-ms']), timeoutMs: Number(values['timeout-ms']) },
      poll: { firstMs: 20, longestMs: 100 },
    },
    stop.signal,
    {
      opened(channel) {
        session += 1;
        batches.set(channel, 0);
        sessions.set(channel, session);
        print({ type: 'opened', channel, session });
      },
      mismatch: (channel) => print({ type: 'refused', channel, code: 'OTSSequenceNumberNotMatch' }),
    },
  );
  print({ type: 'ended' });
} catch (error) {
  print({ type: 'ended' });
  print({ type: 'failed', code: error instanceof OtsError ? error.code : String(error) });
} finally {
  transport.close();
}
