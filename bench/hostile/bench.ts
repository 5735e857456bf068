import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import { isRunning } from '../../test/support/is-running.ts';
import { SluiceProcess } from '../../test/support/sluice-process.ts';
import { eventOf, startGatewayProcess, startStub } from '../gateway/benchmark-processes.ts';
import { residentMiB } from '../gateway/process-usage.ts';
import { machine } from '../machine.ts';
import { startProcesses } from '../source/benchmark-processes.ts';
import type { AttackReport } from './attacker-program.ts';
import { ATTACKS, type Attack } from './attacks.ts';
import { type HonestRequest, type HonestResult, honestClients } from './honest-client.ts';

const UNDISTURBED_SECONDS = 5;
const ATTACK_SECONDS = 15;

/** The attack runs for this time before the honest clients start. */
const BEGIN_MS = 2_000;

/**
 * The limit for the median time of an honest client's answers. If three times the undisturbed median is larger, that is
 * the limit.
 */
const MAX_MEDIAN_MS = 200;

/** The memory limit of each process, such as a container would set. */
const LIMIT_MIB = 256;

interface Target {
  readonly name: string;
  readonly pid: () => number;
  readonly honest: HonestRequest;
  /** The most expensive path that needs no credentials. */
  readonly pipelinedPath: string;
}

const targets = await startTargets();
const attacker = fork(fileURLToPath(new URL('./attacker-program.js', import.meta.url)));
const results: Record<string, unknown> = {};
try {
  const [selected] = process.argv.slice(3);
  for (const target of targets.all)
    if (selected === undefined || target.name === selected) results[target.name] = await attackTarget(target);
} finally {
  attacker.disconnect();
  await targets.stop();
}
const file = new URL('../../../bench/results/hostile.json', import.meta.url);
// Measuring one process replaces only its results.
const last = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { results: object }) : undefined;
const all = { machine: machine(), results: { ...last?.results, ...results } };
writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);

async function attackTarget(target: Target): Promise<Record<string, unknown>> {
  await honestClients(target.honest, 1);
  const undisturbed = await honestClients(target.honest, UNDISTURBED_SECONDS);
  console.log(`${target.name}, undisturbed: ${JSON.stringify(undisturbed)}`);
  const failures = undisturbed.kept.failures + undisturbed.fresh.failures;
  report(`${target.name}, undisturbed: requests without an answer`, failures, failures === 0);
  const attacks: Record<string, unknown> = {};
  for (const attack of ATTACKS) {
    const result = await underAttack(target, attack);
    attacks[attack] = result;
    console.log(`${target.name}, ${attack}: ${JSON.stringify(result)}`);
    for (const kind of ['kept', 'fresh'] as const) {
      const limit = Math.max(MAX_MEDIAN_MS, 3 * undisturbed[kind].medianMs);
      report(
        `${target.name}, ${attack}: median of an honest client, ${kind} connections, ms`,
        result[kind].medianMs,
        result[kind].medianMs < limit,
      );
      report(
        `${target.name}, ${attack}: requests without an answer`,
        result[kind].failures,
        result[kind].failures === 0,
      );
    }
    report(`${target.name}, ${attack}: peak memory, MiB`, result.peakMiB, result.peakMiB < LIMIT_MIB);
    report(`${target.name}, ${attack}: restarts`, result.restarts, result.restarts === 0);
  }
  return { undisturbed, ...attacks };
}

function report(name: string, value: number, holds: boolean): void {
  console.log(`${holds ? '✓' : '✗'} ${name}: ${value}`);
  if (!holds) process.exitCode = 1;
}

interface AttackResult {
  readonly kept: HonestResult;
  readonly fresh: HonestResult;
  readonly peakMiB: number;
  /** 1 if the process ended. */
  readonly restarts: number;
  readonly attacker: AttackReport;
}

async function underAttack({ pid, honest, pipelinedPath }: Target, attack: Attack): Promise<AttackResult> {
  let peakMiB = 0;
  const watch = setInterval(() => {
    if (isRunning(pid())) peakMiB = Math.max(peakMiB, residentMiB(pid()));
  }, 200);
  attacker.send({ attack, port: honest.port, path: pipelinedPath });
  await wait(BEGIN_MS);
  const { kept, fresh } = await honestClients(honest, ATTACK_SECONDS);
  clearInterval(watch);
  const answer = once(attacker, 'message');
  attacker.send('stop');
  const [attackReport] = (await answer) as [AttackReport];
  // Meanwhile, the server closes the connections of the attacker.
  await wait(BEGIN_MS);
  return { kept, fresh, peakMiB, restarts: isRunning(pid()) ? 0 : 1, attacker: attackReport };
}

/** Starts the gateway, the api and the source with production settings. */
async function startTargets() {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-hostile-'));
  const stub = await startStub();
  const gateway = await startGatewayProcess(stub.address);
  const store = await startProcesses();
  await store.fill(200);
  const tablestore = {
    ...{ TABLESTORE_ENDPOINT: store.endpoint, TABLESTORE_INSTANCE: 'sluice-local' },
    ...{ TABLESTORE_ACCESSKEYID: 'local', TABLESTORE_ACCESSKEYSECRET: 'local-secret' },
    ...{ SLUICE_HOST: '127.0.0.1', SLUICE_LOG_LEVEL: 'warn' },
  };
  const [apiPort, sourcePort] = [await freePort(), await freePort()];
  const apiEnv = { ...tablestore, TEMPORAL_ADDRESS: stub.address, PORT: String(apiPort) };
  const api = new SluiceProcess('api', apiEnv, join(dir, 'api.log'));
  await api.start();
  const sourceEnv = { ...tablestore, K_SINK: `${store.sinkUrl}/hostile`, PORT: String(sourcePort) };
  const source = new SluiceProcess('source', sourceEnv, join(dir, 'source.log'));
  await source.start();
  let events = 0;
  const all: readonly Target[] = [
    {
      name: 'gateway',
      pid: () => gateway.pid,
      pipelinedPath: '/metrics',
      honest: {
        ...{ port: gateway.port, method: 'POST', path: '/events', status: 202 },
        headers: { 'content-type': 'application/cloudevents+json' },
        body: () => JSON.stringify(eventOf(`honest-${events++}`)),
      },
    },
    {
      name: 'api',
      pid: () => api.pid,
      pipelinedPath: '/v1/cities?q=%E5%8C%97',
      honest: { port: apiPort, method: 'GET', path: '/v1/cities?q=beijing', headers: {}, status: 200 },
    },
    {
      name: 'source',
      pid: () => source.pid,
      pipelinedPath: '/metrics',
      honest: { port: sourcePort, method: 'GET', path: '/status', headers: {}, status: 200 },
    },
  ];
  return {
    all,
    async stop(): Promise<void> {
      await source.stop();
      await api.stop();
      await store.stop();
      await gateway.stop();
      await stub.stop();
      rmSync(dir, { recursive: true });
    },
  };
}
