import { integer } from './config.ts';

/** The port of each local server. */
export interface LocalPorts {
  readonly gateway: number;
  readonly api: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly oss: number;
  readonly tablestore: number;
  readonly source: number;
  /** The worker's health and metrics. */
  readonly worker: number;
  readonly provider: number;
  readonly channels: number;
}

/** Returns the default ports plus `offset`. */
export function localPorts(offset: number): LocalPorts {
  return {
    ...{ gateway: 8080 + offset, api: 8081 + offset, source: 8082 + offset, worker: 8083 + offset },
    ...{ temporal: 7233 + offset, temporalUi: 8233 + offset },
    ...{ oss: 9000 + offset, tablestore: 9001 + offset },
    ...{ provider: 9002 + offset, channels: 9003 + offset },
  };
}

/** With this offset, the highest of the ports becomes 65535, the highest possible port. */
const MAX_OFFSET = 65_535 - 9_003;

/** The number that is added to all default ports. */
export const portOffset = integer('SLUICE_PORT_OFFSET', 0, 0, MAX_OFFSET);
