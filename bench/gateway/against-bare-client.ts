import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { decodeRequest } from '../../gateway/decode/decode-request.ts';
import { startOptions } from '../../gateway/temporal/start-run.ts';
import { startTemporal } from '../../test/support/temporal-server.ts';
import { median } from '../machine.ts';
import { eventOf, startGatewayProcess } from './benchmark-processes.ts';
import { closedLoop, openLoop, percentile, poster, type Sample, type Task } from './load.ts';

/**
 * Number of measured pairs. In each pair, the gateway and the bare client run in alternating order. One more pair
 * warms up.
 */
const PAIRS = 15;

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Compares the gateway with a loop that calls `client.workflow.start` with the same arguments, on the real server. */
export async function againstBareClient() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const temporal = await startTemporal({ dbFile: join(folder, 'temporal.db') });
  const gateway = await startGatewayProcess(temporal.address);
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  const { post, close } = poster(gateway.port, 64);
  let block = 0;

  const viaGateway: Task = (index) => post(JSON.stringify(eventOf(`g${block}-${index}`)));
  const bare: Task = async (index) => {
    const body = Buffer.from(JSON.stringify(eventOf(`b${block}-${index}`)));
    const [event] = decodeRequest({ headers: {}, body }).events;
    if (event === undefined) throw new Error('no event');
    const start = { route: 'bench', workflow: 'takeEvent', queue: 'nobody', workflowId: `bench:${event.id}` };
    const argument = JSON.parse(body.toString()) as unknown;
    await client.workflow.start(start.workflow, {
      ...startOptions({ ...start, argument }, event),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    });
    return 202;
  };
  /** Runs pairs of blocks, and returns the result of `measure` for each pair. */
  const pairs = async (
    name: string,
    load: (task: Task) => Promise<Sample[]>,
    measure: (samples: Sample[]) => Record<string, number>,
  ) => {
    const measured: { gateway: Record<string, number>; bare: Record<string, number> }[] = [];
    for (let pair = 0; pair <= PAIRS; pair++) {
      const result: Record<string, Record<string, number>> = {};
      for (const which of pair % 2 === 0 ? (['gateway', 'bare'] as const) : (['bare', 'gateway'] as const)) {
        block++;
        const samples = await load(which === 'gateway' ? viaGateway : bare);
        const wrong = samples.filter(({ status }) => status !== 202).length;
        if (wrong > 0) throw new Error(`${name}: ${wrong} of ${samples.length} requests were not accepted`);
        result[which] = measure(samples);
      }
      console.log(`${name}: ${JSON.stringify(result)}${pair === 0 ? ' (warming up)' : ''}`);
      if (pair > 0) measured.push({ gateway: result.gateway ?? {}, bare: result.bare ?? {} });
    }
    return measured;
  };
  const rate = (samples: Sample[]) => {
    const ends = samples.map(({ at, ms }) => at + ms);
    return { perSecond: round((samples.length * 1_000) / Math.max(...ends)) };
  };
  const ratio = (measured: Awaited<ReturnType<typeof pairs>>) => ({
    gatewayPerSecond: median(measured.map(({ gateway: g }) => g.perSecond ?? 0)),
    barePerSecond: median(measured.map(({ bare: b }) => b.perSecond ?? 0)),
    ratio: round(median(measured.map(({ gateway: g, bare: b }) => (g.perSecond ?? 0) / (b.perSecond ?? 1)))),
    pairs: measured,
  });
  try {
    const at16 = ratio(
      await pairs('16 concurrent requests', (task) => closedLoop(task, { parallel: 16, count: 300 }), rate),
    );
    const at1 = ratio(
      await pairs('one request at a time', (task) => closedLoop(task, { parallel: 1, count: 150 }), rate),
    );
    const measured = await pairs(
      '50 a second',
      (task) => openLoop(task, 50, 4),
      (samples) => ({ p50: round(percentile(samples, 0.5)), p95: round(percentile(samples, 0.95)) }),
    );
    const added = (name: 'p50' | 'p95') =>
      round(median(measured.map(({ gateway: g, bare: b }) => (g[name] ?? 0) - (b[name] ?? 0))));
    return {
      at16,
      at1,
      at50PerSecond: { addedP50Ms: added('p50'), addedP95Ms: added('p95'), pairs: measured },
    };
  } finally {
    close();
    await connection.close();
    await gateway.stop();
    await temporal.stop();
    rmSync(folder, { recursive: true });
  }
}
