import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { withTemporal } from '../temporal-client.ts';
import { wholeNumber } from '../whole-number.ts';
import { filterOptions, readFilter } from './filter.ts';
import { listParked, type ParkedRun } from './parked-runs.ts';
import { parkedTable } from './parked-table.ts';

const options = {
  ...temporalOptions,
  ...filterOptions,
  limit: { type: 'string', default: '50' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** `sluice parked list`: parked requests, newest first. */
export async function listParkedRequests(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, options);
  const filter = readFilter(values);
  const limit = wholeNumber('--limit', values.limit, 1, 1_000_000);
  const settled = values.all;
  const found = await withTemporal(resolveTemporal(values, readCliConfig()), (temporal) =>
    // One more than is shown tells whether there are more.
    listParked(temporal, filter, { limit: limit + 1, settled }),
  );
  const runs = found.slice(0, limit);
  if (values.json) console.log(JSON.stringify(runs.map(toJson), undefined, 2));
  else if (runs.length === 0) console.log('nothing is parked');
  else for (const line of parkedTable(runs, { settled })) console.log(line);
  if (found.length > limit)
    console.error(`these are the newest ${limit} of more; --limit ${limit * 10} shows more`);
  return 0;
}

const toJson = ({ memo, ...run }: ParkedRun) => ({ ...run, ...memo });
