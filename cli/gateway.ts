import { parseCommand } from './command.ts';

/** What `sluice gateway --help` prints. */
export const help = `
Runs the gateway: takes CloudEvents over HTTP and starts or signals the workflows that the routes name.

usage: sluice gateway

Settings come from the environment: TEMPORAL_* (as the Temporal CLI has them), PORT, SLUICE_HOST, SLUICE_ROUTES.
`;

/** Becomes the gateway process; it ends by a signal. */
export async function run(args: readonly string[]): Promise<undefined> {
  parseCommand(args, {});
  await import('../gateway/main.ts');
}
