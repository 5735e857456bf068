import type { Command } from './command.ts';

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loads the command on use, so that `sluice --help` is fast. */
  load(): Promise<Command>;
}

/** Every command of `sluice`, in the order in which help lists them. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'start',
    summary: 'run everything on this machine, until Ctrl-C',
    load: () => import('./start.ts'),
  },
  {
    name: 'gateway',
    summary: 'run the gateway, which receives CloudEvents',
    load: async () => (await import('./process-commands.ts')).gateway,
  },
  {
    name: 'worker',
    summary: 'run a worker, which runs the workflows',
    load: async () => (await import('./process-commands.ts')).worker,
  },
  {
    name: 'api',
    summary: 'run the REST API',
    load: async () => (await import('./process-commands.ts')).api,
  },
  {
    name: 'source',
    summary: 'run the source, which emits events for row changes',
    load: () => import('./source.ts'),
  },
  {
    name: 'local',
    summary: 'run the stand-ins: OSS, EventBridge, Tablestore, forecasts, channels',
    load: async () => (await import('./process-commands.ts')).local,
  },
  { name: 'runs', summary: 'list, follow, retry and cancel runs', load: () => import('./runs.ts') },
  { name: 'send', summary: 'send a CloudEvent to the gateway', load: () => import('./send.ts') },
  {
    name: 'explain',
    summary: 'show what the gateway does with an event',
    load: () => import('./explain.ts'),
  },
  { name: 'routes', summary: 'check routes files', load: () => import('./routes.ts') },
  { name: 'trace', summary: 'show what happened to an event', load: () => import('./trace.ts') },
  {
    name: 'parked',
    summary: 'list, show and dismiss parked requests',
    load: () => import('./parked.ts'),
  },
  { name: 'replay', summary: 'send parked requests again', load: () => import('./replay.ts') },
  {
    name: 'unzip',
    summary: 'plan an archive, verify an unpacked one, release a destination',
    load: () => import('./unzip.ts'),
  },
  { name: 'weather', summary: 'show the weather of a place', load: () => import('./weather.ts') },
  { name: 'refresh', summary: 'fetch the forecasts now', load: () => import('./refresh.ts') },
  {
    name: 'subscribe',
    summary: 'get messages about the weather of a place',
    load: () => import('./subscribe.ts'),
  },
  {
    name: 'subscriptions',
    summary: 'list, pause, resume and delete subscriptions',
    load: () => import('./subscriptions.ts'),
  },
  {
    name: 'preview',
    summary: 'show the next message of a subscription',
    load: () => import('./preview.ts'),
  },
  { name: 'mute', summary: 'mute a subscription for some time', load: () => import('./mute.ts') },
  {
    name: 'channels',
    summary: 'list, add, change, test and delete channels',
    load: () => import('./channels.ts'),
  },
  {
    name: 'deliveries',
    summary: 'show what was sent; send it again',
    load: () => import('./deliveries.ts'),
  },
  {
    name: 'schedules',
    summary: 'show the Schedules, and restore them',
    load: () => import('./schedules.ts'),
  },
  { name: 'table', summary: 'read and change rows of Tablestore', load: () => import('./table.ts') },
  { name: 'doctor', summary: 'check a set-up', load: () => import('./doctor.ts') },
];
