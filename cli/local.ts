import { parseCommand } from './command.ts';

/** What `sluice local --help` prints. */
export const help = `
Runs the cloud on this machine: an OSS and an EventBridge that tells the gateway of new objects, and a Tablestore with
its Tunnel Service.

usage: sluice local

Settings come from the environment: SLUICE_LOCAL_DIR, SLUICE_LOCAL_OSS_PORT,
SLUICE_LOCAL_TABLESTORE_PORT, SLUICE_LOCAL_GATEWAY.
\`sluice start\` sets all of them.
`;

/** Becomes the local process; it ends by a signal. */
export async function run(args: readonly string[]): Promise<undefined> {
  parseCommand(args, {});
  await import('../local/main.ts');
}
