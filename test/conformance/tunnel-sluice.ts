import { fileURLToPath } from 'node:url';
import type { TunnelConsumer } from './tunnel-consumer.ts';
import { startConsumerProcess } from './tunnel-consumer-process.ts';

const program = fileURLToPath(new URL('./tunnel-sluice-program.js', import.meta.url));

/** Sluice's own client, as a separate process. */
export const sluiceConsumer: TunnelConsumer = {
  name: 'Sluice’s client',
  start: ({ endpoint, instance, tunnelId, name, heartbeatMs, timeoutMs, onLine }) => {
    const flags = { endpoint, instance, 'tunnel-id': tunnelId, 'client-name': name };
    const times = { 'heartbeat-ms': heartbeatMs, 'timeout-ms': timeoutMs };
    const all = Object.entries({ ...flags, ...times }).map(([flag, value]) => `--${flag}=${value}`);
    return startConsumerProcess(process.execPath, ['--enable-source-maps', program, ...all], onLine);
  },
};
