import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { parseCommand, parseWholeNumber } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { statusText } from '../runs/describe-run.ts';
import { withTemporal } from '../temporal-client.ts';
import { ageText, alignColumns, oneLine, printJson } from '../terminal-text.ts';
import { filterOptions, readFilter } from './filter.ts';
import { listParked, type ParkedRun } from './parked-runs.ts';

const options = {
  ...temporalOptions,
  ...filterOptions,
  limit: { type: 'string', default: '50' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** `sluice parked list`: lists parked requests, newest first. */
export async function listParkedRequests(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, options);
  const filter = readFilter(values);
  const limit = parseWholeNumber('--limit', values.limit, 1, 1_000_000);
  const includeClosed = values.all;
  const found = await withTemporal(resolveTemporal(values, readCliConfig()), (temporal) =>
    // Reads one more request than is shown, to know whether there are more.
    listParked(temporal, filter, { limit: limit + 1, includeClosed }),
  );
  const runs = found.slice(0, limit);
  if (values.json) printJson(runs.map(toJson));
  else if (runs.length === 0) console.log('nothing is parked');
  else for (const line of parkedTable(runs, { includeClosed })) console.log(line);
  if (found.length > limit) console.error(`showing the newest ${limit}; --limit ${limit * 10} shows more`);
  return 0;
}

const toJson = ({ memo, ...run }: ParkedRun) => ({ ...run, ...memo });

const REASON_WIDTH = 60;
const STATE_TEXT: Readonly<Record<string, string>> = { RUNNING: 'parked', COMPLETED: 'closed' };

/** Formats parked requests as columns. With `includeClosed`, also their state. */
export function parkedTable(
  runs: readonly ParkedRun[],
  { includeClosed }: { readonly includeClosed: boolean },
): string[] {
  const state = (run: ParkedRun): string[] =>
    includeClosed ? [STATE_TEXT[run.runStatus] ?? statusText(run.runStatus)] : [];
  const rows = runs.map((run) => {
    const { status, event, reason } = run.memo;
    const names = [event.source, event.type, event.id].map((name) => oneLine(name ?? '-', 40));
    return [
      ageText(run.parkedAt),
      ...state(run),
      oneLine(String(status)),
      ...names,
      oneLine(reason, REASON_WIDTH),
      run.id,
    ];
  });
  const heading = [
    'PARKED',
    ...(includeClosed ? ['STATE'] : []),
    'STATUS',
    'SOURCE',
    'TYPE',
    'EVENT',
    'REASON',
    'ID',
  ];
  return alignColumns([heading, ...rows]);
}
