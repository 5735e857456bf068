import { eventOf, startGatewayProcess, startStub } from './benchmark-processes.ts';
import { closedLoop, poster } from './load.ts';
import { cpuMs, peakMiB, residentMiB } from './process-usage.ts';

const EVENTS = 50_000;
const PARALLEL = 64;

/** More requests than the gateway can hold, so that a stall fills the gateway. */
const PARALLEL_STALLED = 320;
const STALL_MS = 3_000;

/** Measures the gateway's memory and CPU with a stub of a Temporal server, without and with stalls under load. */
export async function memory() {
  return { steady: await run({ stalled: false }), stalled: await run({ stalled: true }) };
}

async function run({ stalled }: { stalled: boolean }) {
  const stub = await startStub();
  const gateway = await startGatewayProcess(stub.address);
  const parallel = stalled ? PARALLEL_STALLED : PARALLEL;
  const { post, close } = poster(gateway.port, parallel);
  try {
    const idleMiB = residentMiB(gateway.pid);
    const cpuBefore = cpuMs(gateway.pid);
    const samples = await closedLoop(
      (index) => {
        if (stalled && (index === EVENTS / 4 || index === (EVENTS / 4) * 3)) stub.stall(STALL_MS);
        return post(JSON.stringify(eventOf(String(index))));
      },
      { parallel, count: EVENTS },
    );
    const statuses: Record<string, number> = {};
    for (const { status } of samples) statuses[status] = (statuses[status] ?? 0) + 1;
    const result = {
      ...{ idleMiB, afterMiB: residentMiB(gateway.pid), peakMiB: peakMiB(gateway.pid), statuses },
      cpuMsPerEvent: Math.round(((cpuMs(gateway.pid) - cpuBefore) / EVENTS) * 100) / 100,
    };
    console.log(`memory${stalled ? ', stalled' : ''}: ${JSON.stringify(result)}`);
    return result;
  } finally {
    close();
    await gateway.stop();
    await stub.stop();
  }
}
