import { type Command, parseCommand } from './command.ts';

/** A command that becomes one of the processes, which ends by a signal; its settings come from the environment. */
const processCommand = (help: string, start: () => Promise<unknown>): Command => ({
  help,
  async run(args) {
    parseCommand(args, {});
    await start();
    return undefined;
  },
});

export const gateway = processCommand(
  `
Runs the gateway: takes CloudEvents over HTTP and starts or signals the workflows that the routes name.

usage: sluice gateway

Settings come from the environment: TEMPORAL_* (as the Temporal CLI has them), PORT, SLUICE_HOST, SLUICE_ROUTES.
`,
  () => import('../gateway/main.ts'),
);

export const worker = processCommand(
  `
Runs a worker: executes the workflows and their activities.

usage: sluice worker

Settings come from the environment: TEMPORAL_* (as the Temporal CLI has them), OSS_ENDPOINT, OSS_ACCESSKEYID,
OSS_ACCESSKEYSECRET, SLUICE_SCRATCH, and where completion events go: SLUICE_EVENTS_SINK, else K_SINK, else the log.
`,
  () => import('../worker/main.ts'),
);

export const api = processCommand(
  `
Runs the api: answers about cities, forecasts and refreshes over HTTP.

usage: sluice api

Settings come from the environment: TABLESTORE_*, TEMPORAL_*, PORT, SLUICE_HOST, SLUICE_API_TOKENS,
WEATHER_STALE_AFTER, WEATHER_ISSUE_STALE_AFTER (docs/api.md).
`,
  () => import('../api/main.ts'),
);

export const local = processCommand(
  `
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
`,
  () => import('../local/main.ts'),
);
