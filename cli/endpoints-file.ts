import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../runtime/process-identity.ts';

/**
 * The content of $SLUICE_HOME/endpoints.json: the addresses of a running `sluice start`. Addresses of parts that were
 * not started are absent.
 */
export interface Endpoints {
  readonly gateway: string;
  readonly api?: string;
  /** host:port, for Temporal's clients. */
  readonly temporal: string;
  readonly temporalUi: string;
  readonly oss: string;
  readonly tablestore: string;
  readonly source: string;
  readonly provider?: string;
  readonly channels?: string;
  readonly apiToken: string;
  readonly pids: Readonly<Record<string, number>>;
}

const fileIn = (home: string): string => join(home, 'endpoints.json');

/** Writes the file atomically, by rename. Only its owner can read it. */
export function writeEndpoints(home: string, endpoints: Endpoints): void {
  const next = `${fileIn(home)}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(endpoints, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(next, fileIn(home));
}

/** Removes the file if it exists. */
export function removeEndpoints(home: string): void {
  rmSync(fileIn(home), { force: true });
}

/** The addresses in `home`; undefined if no supervisor is running there. */
export function liveEndpoints(home: string): Endpoints | undefined {
  try {
    const endpoints = JSON.parse(readFileSync(fileIn(home), 'utf8')) as Endpoints;
    const supervisor = endpoints.pids.supervisor;
    return supervisor !== undefined && identify(supervisor) !== undefined ? endpoints : undefined;
  } catch {
    return undefined;
  }
}
