import type { Environment } from '../../runtime/config.ts';
import type { LocalPorts } from '../../runtime/local-ports.ts';
import {
  apiNodeOptions,
  gatewayNodeOptions,
  sourceNodeOptions,
  workerNodeOptions,
} from '../../runtime/node-options.ts';
import type { Home } from './home.ts';

/** How the supervisor runs one process. */
export interface ChildProcessPlan {
  /** The name in pids, logs and messages. The program is dist/<name>/main.js. */
  readonly name: string;
  /** The name that is shown to people. */
  readonly title: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Command line options of Node.js. */
  readonly nodeFlags?: readonly string[];
  /** How long the process may take to stop before it gets SIGKILL, in ms. */
  readonly stopMs: number;
}

/** The child processes in start order. They stop in reverse order. `inherited` is the environment of `sluice start`. */
export function planChildProcesses(
  home: Home,
  ports: LocalPorts,
  inherited: Environment,
): readonly ChildProcessPlan[] {
  const { SLUICE_ROUTES: routes, WEATHER_PROVIDER: weatherProvider } = inherited;
  const tablestore = {
    TABLESTORE_ENDPOINT: `http://localhost:${ports.tablestore}`,
    TABLESTORE_INSTANCE: 'sluice-local',
    TABLESTORE_ACCESSKEYID: 'local',
    TABLESTORE_ACCESSKEYSECRET: 'local-secret',
  };
  const standIn = {
    WEATHER_PROVIDER: 'stand-in',
    AMAP_KEY: 'local',
    AMAP_ENDPOINT: `http://localhost:${ports.provider}`,
  };
  const channels = {
    // If the user sets another key, the key of the home stays in the list. So channels that it has sealed stay
    // readable.
    SLUICE_CHANNEL_KEYS: joinLists(inherited.SLUICE_CHANNEL_KEYS, home.channelKeys),
    SLUICE_CHANNEL_ORIGINS: joinLists(
      inherited.SLUICE_CHANNEL_ORIGINS,
      ...['localhost', '127.0.0.1'].map((host) => `http://${host}:${ports.channels}`),
    ),
  };
  return [
    {
      name: 'local',
      title: 'local cloud',
      environment: {
        SLUICE_LOCAL_DIR: home.local,
        SLUICE_LOCAL_OSS_PORT: String(ports.oss),
        SLUICE_LOCAL_TABLESTORE_PORT: String(ports.tablestore),
        SLUICE_LOCAL_AMAP_PORT: String(ports.provider),
        SLUICE_LOCAL_CHANNELS_PORT: String(ports.channels),
        SLUICE_LOCAL_GATEWAY: `http://127.0.0.1:${ports.gateway}`,
      },
      stopMs: 8_000,
    },
    {
      name: 'worker',
      title: 'worker',
      environment: {
        OSS_ENDPOINT: `http://localhost:${ports.oss}`,
        OSS_ACCESSKEYID: 'local',
        OSS_ACCESSKEYSECRET: 'local-secret',
        SLUICE_SCRATCH: home.scratch,
        PORT: String(ports.worker),
        SLUICE_HOST: 'loopback',
        ...tablestore,
        ...channels,
        // If a provider is set, the stand-in's settings must not override it.
        ...(weatherProvider ? {} : standIn),
        ...workerNodeOptions.environment,
      },
      nodeFlags: workerNodeOptions.flags,
      stopMs: 25_000,
    },
    {
      name: 'gateway',
      title: 'gateway',
      environment: {
        PORT: String(ports.gateway),
        SLUICE_HOST: 'loopback',
        ...(routes ? { SLUICE_ROUTES: routes } : {}),
        ...gatewayNodeOptions.environment,
      },
      nodeFlags: gatewayNodeOptions.flags,
      stopMs: 15_000,
    },
    {
      name: 'source',
      title: 'source',
      environment: {
        ...tablestore,
        K_SINK: `http://127.0.0.1:${ports.gateway}/events`,
        SOURCE_DEAD_LETTER_SINK: `http://127.0.0.1:${ports.gateway}/dead-letters`,
        PORT: String(ports.source),
        SLUICE_HOST: 'loopback',
        // Short times, because a person waits for the events, also after the source was killed and restarted.
        SOURCE_POLL_MS: '500',
        SOURCE_HEARTBEAT_MS: '1000',
        SOURCE_TIMEOUT_MS: '5000',
        SOURCE_DRAIN_MS: '3000',
        ...sourceNodeOptions.environment,
      },
      nodeFlags: sourceNodeOptions.flags,
      stopMs: 8_000,
    },
    {
      name: 'api',
      title: 'api',
      environment: {
        ...tablestore,
        ...channels,
        // Changes need the token in endpoints.json. Reading needs none, unless the user has set tokens.
        SLUICE_API_TOKENS: joinLists(inherited.SLUICE_API_TOKENS, home.apiToken),
        SLUICE_API_OPEN_READS:
          inherited.SLUICE_API_OPEN_READS || (inherited.SLUICE_API_TOKENS ? 'off' : 'on'),
        PORT: String(ports.api),
        SLUICE_HOST: 'loopback',
        ...apiNodeOptions.environment,
      },
      nodeFlags: apiNodeOptions.flags,
      stopMs: 8_000,
    },
  ];
}

/** Joins lists whose items are separated by commas. */
const joinLists = (...lists: readonly (string | undefined)[]): string => lists.filter(Boolean).join(',');
