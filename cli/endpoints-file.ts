import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../runtime/process-identity.ts';

/** What a running `sluice start` offers, as $SLUICE_HOME/endpoints.json; keys of parts not built are absent. */
export interface Endpoints {
  readonly gateway: string;
  readonly api?: string;
  /** host:port, as Temporal's clients take it. */
  readonly temporal: string;
  readonly temporalUi: string;
  readonly oss: string;
  readonly tablestore: string;
  readonly source: string;
  readonly provider?: string;
  readonly apiToken: string;
  readonly pids: Readonly<Record<string, number>>;
}

const fileIn = (home: string): string => join(home, 'endpoints.json');

/** Puts the file in place whole, by rename, readable by its owner only. */
export function writeEndpoints(home: string, endpoints: Endpoints): void {
  const next = `${fileIn(home)}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(endpoints, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(next, fileIn(home));
}

/** Removes the file, if it is there. */
export function removeEndpoints(home: string): void {
  rmSync(fileIn(home), { force: true });
}

/** What is offered at `home`, or undefined when no supervisor is alive there. */
export function liveEndpoints(home: string): Endpoints | undefined {
  try {
    const endpoints = JSON.parse(readFileSync(fileIn(home), 'utf8')) as Endpoints;
    const supervisor = endpoints.pids.supervisor;
    return supervisor !== undefined && identify(supervisor) !== undefined ? endpoints : undefined;
  } catch {
    return undefined;
  }
}
