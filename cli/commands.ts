import type { Command } from './command.ts';

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Loaded when it is used, so that `sluice --help` is instant. */
  load(): Promise<Command>;
}

/** Every command of `sluice`, in the order in which help lists them. */
export const commands: readonly CommandEntry[] = [
  { name: 'start', summary: 'everything on this machine, until Ctrl-C', load: () => import('./start.ts') },
  {
    name: 'gateway',
    summary: 'the process that takes CloudEvents',
    load: async () => (await import('./process-commands.ts')).gateway,
  },
  {
    name: 'worker',
    summary: 'the process that does the work',
    load: async () => (await import('./process-commands.ts')).worker,
  },
  {
    name: 'api',
    summary: 'the process that answers about the weather',
    load: async () => (await import('./process-commands.ts')).api,
  },
  { name: 'source', summary: 'the process that tells of row changes', load: () => import('./source.ts') },
  {
    name: 'local',
    summary: 'the cloud on this machine: OSS, EventBridge, Tablestore, forecasts',
    load: async () => (await import('./process-commands.ts')).local,
  },
  { name: 'runs', summary: 'list, follow, retry, cancel runs', load: () => import('./runs.ts') },
  { name: 'send', summary: 'send a CloudEvent to the gateway', load: () => import('./send.ts') },
  { name: 'explain', summary: 'what the gateway makes of an event', load: () => import('./explain.ts') },
  { name: 'routes', summary: 'check routes files', load: () => import('./routes.ts') },
  { name: 'trace', summary: 'what became of an event', load: () => import('./trace.ts') },
  {
    name: 'parked',
    summary: 'list, show, dismiss requests that were refused',
    load: () => import('./parked.ts'),
  },
  { name: 'replay', summary: 'send parked requests again', load: () => import('./replay.ts') },
  { name: 'weather', summary: 'the weather of a place', load: () => import('./weather.ts') },
  { name: 'refresh', summary: 'fetch the forecasts now', load: () => import('./refresh.ts') },
  {
    name: 'schedules',
    summary: 'what runs by itself, and how it differs',
    load: () => import('./schedules.ts'),
  },
  { name: 'table', summary: 'put, get, scan rows of Tablestore', load: () => import('./table.ts') },
  { name: 'doctor', summary: 'check a set-up', load: () => import('./doctor.ts') },
];
