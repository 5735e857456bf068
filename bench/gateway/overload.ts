import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startTemporal } from '../../test/support/temporal-server.ts';
import { median } from '../machine.ts';
import { eventOf, startGatewayProcess } from './benchmark-processes.ts';
import { closedLoop, poster, type Sample } from './load.ts';
import { residentMiB } from './process-usage.ts';

const CONNECTIONS = 640;
const SECONDS = 60;

/** Clients retry after this time, and ignore Retry-After. */
const CLIENT_RETRY_MS = 100;

/** After this time the gateway must be as fast as before the overload. */
const RECOVERY_MS = 5_000;

/**
 * The number of alternating rounds. The gateway and the bare client alternate, because the speed of the machine
 * varies.
 */
const ROUNDS = 7;

/** Measures 640 busy connections with the real server: response times, memory, and recovery. */
export async function overload() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const temporal = await startTemporal({ dbFile: join(folder, 'temporal.db') });
  const gateway = await startGatewayProcess(temporal.address);
  const fewConnections = poster(gateway.port, 16);
  const manyConnections = poster(gateway.port, CONNECTIONS);
  const steady = async (name: string, seconds: number): Promise<number> => {
    const samples = await closedLoop(
      (index) => fewConnections.post(JSON.stringify(eventOf(`${name}-${index}`))),
      {
        ...{ parallel: 16, seconds },
      },
    );
    return acceptedCount(samples) / seconds;
  };
  /**
   * Alternates between the gateway and a bare client. Returns their median rates, and the median ratio of the rates.
   */
  const compareWithBareClient = async (name: string) => {
    const rounds: { gateway: number; bare: number }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({
        gateway: await steady(`${name}-${round}`, 2),
        bare: await bareRate(temporal.address, `${name}-${round}`, 2),
      });
    return {
      gatewayPerSecond: Math.round(median(rounds.map(({ gateway: rate }) => rate))),
      barePerSecond: Math.round(median(rounds.map(({ bare }) => bare))),
      ratio: Math.round(median(rounds.map(({ gateway: rate, bare }) => rate / bare)) * 100) / 100,
    };
  };
  try {
    await steady('warm', 5);
    const before = await compareWithBareClient('before');
    const memoryMiB: number[] = [];
    const watch = setInterval(() => memoryMiB.push(residentMiB(gateway.pid)), 2_000);
    let longestMs = 0;
    const samples = await closedLoop(
      async (index) => {
        const sent = performance.now();
        const status = await manyConnections.post(JSON.stringify(eventOf(`over-${index}`)));
        longestMs = Math.max(longestMs, performance.now() - sent);
        if (status === 429 || status === 503)
          await new Promise((resolve) => setTimeout(resolve, CLIENT_RETRY_MS));
        return status;
      },
      { parallel: CONNECTIONS, seconds: SECONDS },
    );
    clearInterval(watch);
    const statuses: Record<string, number> = {};
    for (const { status } of samples) statuses[status] = (statuses[status] ?? 0) + 1;
    await new Promise((resolve) => setTimeout(resolve, RECOVERY_MS));
    const after = await compareWithBareClient('after');
    const result = {
      ...{
        longestMs: Math.round(longestMs),
        statuses,
        takenPerSecond: Math.round(acceptedCount(samples) / SECONDS),
      },
      // `first` is the second sample, about 4 s after the start.
      memoryMiB: { first: memoryMiB[1] ?? 0, last: memoryMiB.at(-1) ?? 0, peak: Math.max(...memoryMiB) },
      ...{ before, fiveSecondsAfter: after },
      // Every stored run slows the server down. So this compares ratios to a bare client, not rates.
      recovered: Math.round((after.ratio / before.ratio) * 100) / 100,
    };
    console.log(`overload: ${JSON.stringify(result)}`);
    return result;
  } finally {
    fewConnections.close();
    manyConnections.close();
    await gateway.stop();
    await temporal.stop();
    rmSync(folder, { recursive: true });
  }
}

const acceptedCount = (samples: readonly Sample[]): number =>
  samples.filter(({ status }) => status === 202).length;

/** Starts per second of a bare client with 16 concurrent starts. */
async function bareRate(address: string, name: string, seconds: number): Promise<number> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  try {
    const samples = await closedLoop(
      async (index) => {
        const args = [eventOf(`bare-${index}`)];
        await client.workflow.start('takeEvent', {
          taskQueue: 'nobody',
          workflowId: `bare-${name}-${index}`,
          args,
        });
        return 202;
      },
      { parallel: 16, seconds },
    );
    return acceptedCount(samples) / seconds;
  } finally {
    await connection.close();
  }
}
