import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { send } from '../gateway/http.ts';
import { runOf } from '../gateway/runs-of.ts';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { startTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { startDataPlane } from './knative-data-plane.ts';
import { MANIFESTS, OTHER_SUBSCRIBER, orderRun, ROUTES, SUBSCRIBER } from './knative-manifests.ts';
import { startSubscriber } from './knative-subscriber.ts';

/** Starts Temporal, the gateway as a process with the routes of these tests, and a broker that delivers to it. */
export async function startKnativeSystem(program: string) {
  const undo: (() => unknown)[] = [];
  try {
    return await setUp(program, undo);
  } catch (error) {
    await takeDown(undo);
    throw error;
  }
}

async function takeDown(undo: (() => unknown)[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

async function setUp(program: string, undo: (() => unknown)[]) {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-behind-knative-'));
  undo.push(() => rmSync(dir, { recursive: true }));
  const routes = join(dir, 'routes.yaml');
  writeFileSync(routes, ROUTES);
  const temporal = await startTemporal({ dbFile: join(dir, 'temporal.db') });
  undo.push(() => temporal.stop());
  const port = await freePort();
  const env = { TEMPORAL_ADDRESS: temporal.address, PORT: String(port), SLUICE_HOST: 'loopback' };
  const gateway = new SluiceProcess('gateway', { ...env, SLUICE_ROUTES: routes }, join(dir, 'gateway.log'));
  undo.push(() => gateway.stop());
  await gateway.start();
  const otherSubscriber = await startSubscriber();
  undo.push(() => otherSubscriber.stop());
  const plane = await startDataPlane(program, MANIFESTS, {
    [SUBSCRIBER]: port,
    [OTHER_SUBSCRIBER]: otherSubscriber.port,
  });
  undo.push(() => plane.stop());
  const connection = await Connection.connect({ address: temporal.address });
  undo.push(() => connection.close());
  const client = new Client({ connection });

  const metrics = async (): Promise<string> => {
    // The gateway caches the text for 250 ms.
    await delay(300);
    return (await send(port, { method: 'GET', path: '/metrics' })).body;
  };
  /** Returns the gateway's counts by `route/outcome`. */
  const counts = async (): Promise<Record<string, number>> => {
    const lines = (await metrics()).matchAll(
      /^sluice_events_total\{route="(.*?)",outcome="(.*?)"\} (\d+)$/gm,
    );
    return Object.fromEntries(
      [...lines].map(([, route, outcome, count]) => [`${route}/${outcome}`, Number(count)]),
    );
  };
  return {
    ...{ temporal, gateway, plane, client, counts },
    /** Returns by how much the gateway's counts increase during `work`. */
    async countIncreases(work: () => Promise<void>): Promise<Record<string, number>> {
      const before = await counts();
      await work();
      const increases = Object.entries(await counts()).map(
        ([name, count]) => [name, count - (before[name] ?? 0)] as const,
      );
      return Object.fromEntries(increases.filter(([, count]) => count > 0));
    },
    /** Returns the number of requests in flight in the gateway. */
    async pending(): Promise<number> {
      return Number(/^sluice_requests_pending (\d+)$/m.exec(await metrics())?.[1]);
    },
    /** Returns the only argument of the run for an event of the route `orders`, without the attribute of Knative. */
    async orderOf(id: string): Promise<Record<string, unknown>> {
      const run = await runOf(client, orderRun(id));
      assert.equal(run?.args.length, 1, `run ${orderRun(id)}`);
      const { knativearrivaltime, ...event } = run.args[0] as Record<string, unknown>;
      assert.match(String(knativearrivaltime), /^\d{4}-\d\d-\d\dT/);
      return event;
    },
    /** Returns the other subscriber's deliveries of an event. More than one means a reply or a second publication. */
    deliveriesOf: (id: string) => otherSubscriber.deliveries.filter(({ headers }) => headers['ce-id'] === id),
    /** Waits until an event has at least `atLeast` parked requests, and returns them and their dead letter. */
    async waitForParked(id: string, atLeast: number) {
      const query = `WorkflowType = 'parkedEvent' AND EventId = '${id}'`;
      await until(`${query}: ${atLeast}`, async () => (await client.workflow.count(query)).count >= atLeast);
      const parked: Partial<Record<string, unknown>>[] = [];
      for await (const { workflowId } of client.workflow.list({ query }))
        parked.push((await runOf(client, workflowId))?.args[0] as Record<string, unknown>);
      const letters = parked.filter(({ deadLetter }) => deadLetter !== undefined);
      assert.equal(letters.length, 1, JSON.stringify(parked));
      return {
        parked,
        letter: letters[0]?.deadLetter as { destination: string; code: number; data: string },
      };
    },
    stop: () => takeDown(undo),
  };
}
