import { parseCommand } from './command.ts';

/** What `sluice worker --help` prints. */
export const help = `
Runs a worker: executes the workflows and their activities.

usage: sluice worker

Settings come from the environment: TEMPORAL_* (as the Temporal CLI has them), OSS_ENDPOINT, OSS_ACCESSKEYID,
OSS_ACCESSKEYSECRET, SLUICE_SCRATCH, and where completion events go: SLUICE_EVENTS_SINK, else K_SINK, else the log.
`;

/** Becomes the worker process; it ends by a signal. */
export async function run(args: readonly string[]): Promise<undefined> {
  parseCommand(args, {});
  await import('../worker/main.ts');
}
