import type { IncomingHttpHeaders } from 'node:http';
import type { Address } from '../address.ts';

/** The parts of a request that a signature covers. */
export interface Signable {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly address: Address;
}
