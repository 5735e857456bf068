import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { send } from '../gateway/http.ts';
import { hashOf } from '../gateway/runs-of.ts';
import { freePort } from './free-port.ts';
import { SluiceProcess } from './sluice-process.ts';
import { startTemporal } from './temporal-server.ts';
import { until } from './until.ts';

const ROUTES = `
routes:
  - name: storm
    match: { type: [storm.event] }
    workflow: takeEvent
    queue: no-worker
    id: "storm:{id}"
`;

/** The number of concurrent requests. */
const PARALLEL = 24;

export interface Storm {
  /** The ids of the events with at least one acknowledged copy. */
  readonly accepted: ReadonlySet<string>;
  /** The event ids of all runs, in any order. An event with two runs appears twice. */
  readonly runs: readonly string[];
  readonly faults: readonly string[];
  readonly answers: Readonly<Record<string, number>>;
}

const workflowIdOf = (id: string): string => `storm:${id}:${hashOf('storm', '/storm', id)}`;

/** Returns a generator of pseudo-random numbers, which depend only on the seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Sends events to the gateway, some of them several times, and retries every copy until it is acknowledged. Meanwhile,
 * Temporal and the gateway are stopped, frozen, killed and restarted in random order. Returns the runs in Temporal.
 */
export async function eventStorm({ events, seed }: { events: number; seed: number }): Promise<Storm> {
  const random = randomOf(seed);
  const dir = mkdtempSync(join(tmpdir(), 'sluice-storm-'));
  const routes = join(dir, 'routes.yaml');
  writeFileSync(routes, ROUTES);
  const temporal = await startTemporal({ dbFile: join(dir, 'temporal.db') });
  const port = await freePort();
  const env = { TEMPORAL_ADDRESS: temporal.address, PORT: String(port), SLUICE_HOST: 'loopback' };
  const gateway = new SluiceProcess('gateway', { ...env, SLUICE_ROUTES: routes }, join(dir, 'gateway.log'));
  await gateway.start();

  const answers: Record<string, number> = {};
  const accepted = new Set<string>();
  const post = async (id: string): Promise<void> => {
    const event = { specversion: '1.0', id, source: '/storm', type: 'storm.event' };
    for (;;) {
      const request = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) };
      const status = await send(port, request).then(
        (answer) => answer.status,
        () => 0,
      );
      answers[status] = (answers[status] ?? 0) + 1;
      if (status === 202) accepted.add(id);
      // Senders sometimes send an acknowledged event again, because an answer can get lost.
      if (status === 202 && random() > 0.1) return;
      await wait(50 + random() * 200);
    }
  };

  const faults: string[] = [];
  const faultKinds: Readonly<Record<string, () => Promise<void>>> = {
    // A duplicate event must not start a run again after the first run is closed.
    'runs ended': async () => {
      const connection = await Connection.connect({ address: temporal.address });
      const client = new Client({ connection });
      const terminations = [...accepted]
        .slice(-10)
        .map((id) => client.workflow.getHandle(workflowIdOf(id)).terminate());
      await Promise.allSettled(terminations);
      await connection.close();
    },
    'Temporal killed': async () => {
      await temporal.kill();
      await wait(random() * 1_500);
      await temporal.restart();
    },
    'Temporal restarted': () => temporal.restart(),
    'Temporal frozen': async () => {
      process.kill(temporal.pid, 'SIGSTOP');
      await wait(500 + random() * 3_500);
      process.kill(temporal.pid, 'SIGCONT');
    },
    'gateway killed': async () => {
      await gateway.kill('SIGKILL');
      await gateway.start();
    },
    'gateway restarted': async () => {
      await gateway.stop();
      await gateway.start();
    },
  };
  let allSent = false;
  const injectingFaults = (async () => {
    // Each kind once, in random order. Then random kinds until all events are sent.
    const names = Object.keys(faultKinds).sort(() => random() - 0.5);
    for (let next = 0; !allSent || next < names.length; next++) {
      const name = names[next] ?? names[Math.floor(random() * names.length)] ?? '';
      await wait(300 + random() * 1_200);
      await faultKinds[name]?.();
      faults.push(name);
    }
  })();

  try {
    const ids = Array.from({ length: events }, (_, index) => `e${index}`);
    const copies = ids.flatMap((id) => Array.from({ length: random() < 0.3 ? 3 : 1 }, () => id));
    const queue = copies.values();
    const sendQueued = async (): Promise<void> => {
      for (const id of queue) await post(id);
    };
    await Promise.all(Array.from({ length: PARALLEL }, sendQueued));
    allSent = true;
    await injectingFaults;
    return { accepted, faults, answers, runs: await runsOf(temporal.address, events) };
  } finally {
    allSent = true;
    await injectingFaults.catch(() => {});
    await gateway.stop();
    await temporal.stop();
    rmSync(dir, { recursive: true });
  }
}

/** Returns the event ids of all runs, as soon as Temporal lists at least `atLeast` runs. */
async function runsOf(address: string, atLeast: number): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const query = "WorkflowType = 'takeEvent'";
    await until('the runs are listed', async () => (await client.workflow.count(query)).count >= atLeast);
    const runs: string[] = [];
    for await (const { memo } of client.workflow.list({ query, pageSize: 1_000 }))
      runs.push((memo as { event: { id: string } }).event.id);
    return runs;
  } finally {
    await connection.close();
  }
}
