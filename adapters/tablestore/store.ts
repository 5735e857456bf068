import type { TableStore } from '../../ports/table-store.ts';
import { type TablestoreSettings, tablestoreRequests } from './client.ts';
import { tablestoreReads } from './reads.ts';
import type { Limits } from './retry.ts';
import { tablestoreWriting } from './writing.ts';

const TRY_MS = 8_000;
const TOTAL_MS = 20_000;
const PARALLEL = 4;

/**
 * Alibaba Cloud Tablestore through the package `tablestore`. All its calls can be made to behave by replacing steps of
 * its requests; only a column of the name `timestamp` cannot be written by it, and is refused.
 */
export function tablestoreStore(settings: TablestoreSettings): TableStore & { close(): void } {
  const { tryMs = TRY_MS, totalMs = TOTAL_MS, parallel = PARALLEL } = settings;
  const { request, close } = tablestoreRequests(settings);
  const limits = (signal: AbortSignal | undefined): Limits => ({ tryMs, totalMs, signal });
  return {
    ...tablestoreReads({ request, limits, parallel }),
    ...tablestoreWriting({ request, limits, parallel }),
    close,
  };
}
