import { parseCommand } from './command.ts';

/** What `sluice api --help` prints. */
export const help = `
Runs the api: answers about cities, forecasts and refreshes over HTTP.

usage: sluice api

Settings come from the environment: TABLESTORE_*, TEMPORAL_*, PORT, SLUICE_HOST, SLUICE_API_TOKENS,
WEATHER_STALE_AFTER, WEATHER_ISSUE_STALE_AFTER (docs/api.md).
`;

/** Becomes the api process; it ends by a signal. */
export async function run(args: readonly string[]): Promise<undefined> {
  parseCommand(args, {});
  await import('../api/main.ts');
}
