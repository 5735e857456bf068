import { type Command, parseCommand } from './command.ts';
import { setVariable } from './config.ts';

/** A command that runs one of the processes until a signal. Its settings come from the environment. */
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
Runs the gateway: receives CloudEvents over HTTP, and starts or signals workflows according to the routes.

usage: sluice gateway

Settings come from the environment: TEMPORAL_* (as for the Temporal CLI), PORT, SLUICE_HOST, SLUICE_ROUTES.
`,
  () => import('../gateway/main.ts'),
);

export const worker: Command = {
  help: `
Runs a worker: runs workflows and activities.

usage: sluice worker [--queues <queue,…>]

--queues <unzip,weather,parked,alerts>  the task queues that this worker serves (SLUICE_QUEUES). Only the settings of their
                                        jobs are required. Default: all queues whose jobs are configured

Settings come from the environment: TEMPORAL_* (as for the Temporal CLI), OSS_ENDPOINT, OSS_ACCESSKEYID,
OSS_ACCESSKEYSECRET, SLUICE_SCRATCH. Completion events go to SLUICE_EVENTS_SINK, or K_SINK, or the log.
`,
  async run(args) {
    const { queues } = parseCommand(args, { queues: { type: 'string' } }).values;
    if (queues !== undefined) setVariable('SLUICE_QUEUES', queues);
    await import('../worker/main.ts');
    return undefined;
  },
};

export const api = processCommand(
  `
Runs the api: serves cities, forecasts and refresh runs over HTTP.

usage: sluice api

Settings come from the environment: TABLESTORE_*, TEMPORAL_*, PORT, SLUICE_HOST, SLUICE_API_TOKENS,
WEATHER_STALE_AFTER, WEATHER_ISSUE_STALE_AFTER (docs/api.md).
`,
  () => import('../api/main.ts'),
);

export const local = processCommand(
  `
Runs the local stand-ins: OSS, an EventBridge that sends events of new objects to the gateway, Tablestore with its Tunnel
Service, AMap's weather API, and channels: DingTalk's robots and webhooks.

usage: sluice local

Settings come from the environment; \`sluice start\` sets all of them.

SLUICE_LOCAL_DIR              folder for the state; required
SLUICE_LOCAL_OSS_PORT         default 9000
SLUICE_LOCAL_TABLESTORE_PORT  default 9001
SLUICE_LOCAL_AMAP_PORT        default 9002
SLUICE_LOCAL_CHANNELS_PORT    default 9003
SLUICE_LOCAL_GATEWAY          default http://127.0.0.1:8080
SLUICE_PORT_OFFSET            is added to all these default ports, including the gateway's
`,
  () => import('../local/main.ts'),
);
