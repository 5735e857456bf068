import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TunnelConsumer } from './tunnel-consumer.ts';
import { startConsumerProcess } from './tunnel-consumer-process.ts';

type GoToolModule = typeof import('../../scripts/lib/go-tool.mjs');

/** Builds the program in test/tools/tablestore-go once. Without Go, returns undefined and prints a warning. */
export async function tablestoreGoTool(): Promise<string | undefined> {
  const script = fileURLToPath(new URL('../../../scripts/lib/go-tool.mjs', import.meta.url));
  const { provideGoProgram }: GoToolModule = await import(script);
  const program = await provideGoProgram('tablestore-go');
  if (program === undefined)
    console.error(
      '\n!!! GO IS NOT AVAILABLE: Tablestore’s own tunnel client WAS NOT TESTED with the local service !!!\n',
    );
  return program;
}

/** Tablestore's own Go client: its daemon, worker and state machine, with a checkpoint after each batch. */
export const goConsumer = (program: string): TunnelConsumer => ({
  name: 'the official Go client',
  start: ({ endpoint, instance, tunnelId, name, heartbeatMs, timeoutMs, onLine }) => {
    const flags = { endpoint, instance, 'tunnel-id': tunnelId, 'client-name': name };
    const times = {
      'heartbeat-ms': heartbeatMs,
      'timeout-ms': timeoutMs,
      'poll-ms': 100,
      'pause-ms': 50,
      'rejoin-ms': 300,
    };
    const all = Object.entries({ ...flags, ...times }).map(([flag, value]) => `--${flag}=${value}`);
    return startConsumerProcess(program, ['consume', ...all], onLine);
  },
});

/** Runs the program for one call about tunnels. Returns the answer, or the service's error code. */
export async function goCall(
  program: string,
  call: 'create' | 'list' | 'describe' | 'rpo' | 'schedule' | 'delete',
  flags: Readonly<Record<string, string | boolean>>,
): Promise<{
  readonly type: string;
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly code?: string;
}> {
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const run = promisify(execFile)(program, [call, ...args], { timeout: 20_000 });
  // If the service answers an error, the program exits with 1 and writes the error to standard output.
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return JSON.parse(stdout) as Awaited<ReturnType<typeof goCall>>;
}
