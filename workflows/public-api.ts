/** The public API for users' workflows: `import { onEvent } from 'sluice/workflow'`. */
export { HOPS } from '../domain/hops.ts';
export type { SignalledEvent } from '../domain/signal-deduplication.ts';
export { nextHops } from './next-hops.ts';
export { onEvent, type SeenEvents } from './on-event.ts';
