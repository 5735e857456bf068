import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { putObjectEvent } from '../support/events.ts';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { assertAccepted, send } from './http.ts';
import { hashOf } from './runs-of.ts';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

const dir = mkdtempSync(join(tmpdir(), 'sluice-tracing-'));
const spans: Span[] = [];
let temporal: TestTemporal;
let collector: Server;
let gateway: SluiceProcess;
let port: number;
before(async () => {
  temporal = await startTemporal();
  collector = createServer(async (request, response) => {
    const body = (await json(request)) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    for (const { scopeSpans } of body.resourceSpans)
      spans.push(...scopeSpans.flatMap((scope) => scope.spans));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', () => resolve()));
  port = await freePort();
  const env = {
    ...{ TEMPORAL_ADDRESS: temporal.address, PORT: String(port), SLUICE_HOST: 'loopback' },
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
  };
  gateway = new SluiceProcess('gateway', env, join(dir, 'gateway.log'));
  await gateway.start();
});
after(async () => {
  await gateway?.stop();
  collector?.close();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

test('the sender’s trace continues in the run; the trace in the event becomes a link and stays in the event', async () => {
  const sender = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };
  const origin = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
  const event = {
    ...putObjectEvent('zip/t.zip', { id: 'T1' }),
    traceparent: `00-${origin.trace}-${origin.span}-01`,
  };
  const headers = {
    'content-type': 'application/json',
    traceparent: `00-${sender.trace}-${sender.span}-01`,
  };
  const answer = await send(port, { headers, body: JSON.stringify(event), path: '/unzip' });
  assertAccepted(answer, '/events/acs.oss/T1');

  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const workflowId = `unzip:eb-ask/zip/t.zip:${hashOf('unzip', 'acs.oss', 'T1')}`;
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const kept = events?.[0]?.workflowExecutionStartedEventAttributes?.header?.fields?.['_tracer-data'];
  const carried = JSON.parse(Buffer.from(kept?.data ?? []).toString()) as { traceparent: string };
  await connection.close();
  // Remaining spans are exported when the process stops.
  await gateway.stop();

  const server = spans.find(({ name }) => name === 'POST /unzip');
  assert.equal(server?.traceId, sender.trace);
  assert.equal(server?.parentSpanId, sender.span);
  assert.deepEqual(
    server?.links?.map(({ traceId, spanId }) => [traceId, spanId]),
    [[origin.trace, origin.span]],
  );
  const started = spans.find(({ name }) => name === 'StartWorkflow:unzipObject');
  assert.equal(started?.parentSpanId, server?.spanId);
  assert.equal(carried.traceparent, `00-${sender.trace}-${started?.spanId}-01`);
});
