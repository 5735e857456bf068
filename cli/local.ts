import { parseCommand } from './command.ts';

/** What `sluice local --help` prints. */
export const help = `
Runs the cloud on this machine: an OSS and an EventBridge that tells the gateway of new objects, a Tablestore with its
Tunnel Service, and a forecast provider that answers as AMap does.

usage: sluice local

Settings come from the environment; \`sluice start\` sets all of them.

SLUICE_LOCAL_DIR              where its state is kept; it has to be set
SLUICE_LOCAL_OSS_PORT         default 9000
SLUICE_LOCAL_TABLESTORE_PORT  default 9001
SLUICE_LOCAL_AMAP_PORT        the forecast provider's; default 9002
SLUICE_LOCAL_GATEWAY          default http://127.0.0.1:8080
SLUICE_PORT_OFFSET            moves these defaults by this much, the gateway's port too
`;

/** Becomes the local process; it ends by a signal. */
export async function run(args: readonly string[]): Promise<undefined> {
  parseCommand(args, {});
  await import('../local/main.ts');
}
