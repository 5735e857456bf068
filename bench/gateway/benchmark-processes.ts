import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import { SluiceProcess } from '../../test/support/sluice-process.ts';

const ROUTES = `
routes:
  - name: bench
    match: { type: [bench.event], data: { kind: [order, { prefix: ret }] } }
    workflow: takeEvent
    queue: nobody
    id: "bench:{data.order.id}"
`;

/** A typical event of about 500 bytes. */
export const eventOf = (id: string) => ({
  ...{ specversion: '1.0', id, source: '/bench', type: 'bench.event', subject: `orders/${id}` },
  ...{ time: '2026-11-22T12:00:00Z', datacontenttype: 'application/json', region: 'cn-hangzhou' },
  data: {
    kind: 'order',
    order: { id, items: Array.from({ length: 8 }, (_, n) => ({ sku: `sku-${n}`, count: n })) },
  },
});

/** Starts the gateway in a separate process, as in production. It uses the Temporal server at this address. */
export async function startGatewayProcess(temporal: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const routes = join(folder, 'routes.yaml');
  writeFileSync(routes, ROUTES);
  const port = await freePort();
  const env = {
    TEMPORAL_ADDRESS: temporal,
    PORT: String(port),
    SLUICE_HOST: '127.0.0.1',
    SLUICE_ROUTES: routes,
  };
  const gateway = new SluiceProcess('gateway', env, join(folder, 'gateway.log'));
  await gateway.start();
  return {
    port,
    pid: gateway.pid,
    async stop(): Promise<void> {
      await gateway.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Starts the stub of a Temporal server as a process. */
export async function startStub() {
  const child = fork(fileURLToPath(new URL('./stub-temporal.js', import.meta.url)));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    address: `127.0.0.1:${port}`,
    stall: (stallMs: number): void => void child.send({ stallMs }),
    async stop(): Promise<void> {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
