import { addressHelp, resolveTemporal, temporalOptions } from './addresses.ts';
import { parseCommand, parseWholeNumber, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { gatewayClient, gatewayHelp, gatewayOptions } from './gateway-client.ts';
import { filterHelp, filterOptions, hasFilter, readFilter } from './parked/filter.ts';
import { parkedTable } from './parked/list.ts';
import { findParked, listParked, type ParkedRun } from './parked/parked-runs.ts';
import { replayAll } from './replay/replay-all.ts';
import { countResults, failedRunLines, resultText, summaryText } from './replay/replay-text.ts';
import { printTarget } from './runs/describe-run.ts';
import { createProgressView } from './runs/run-progress.ts';
import { type TemporalClient, withTemporal } from './temporal-client.ts';

/** What `sluice replay --help` prints. */
export const help = `
Sends parked requests to the gateway again, the oldest first and eight at a time, as they came: the very bytes, and of a
dead letter the event. The gateway is asked first what it makes of each: what is no event, matches no route, or would be
refused stays parked, and the reason is shown. What is taken is parked no more. Nothing is started twice, however often
this is done; runs that the event had started before, and that failed, are named, since only \`sluice runs retry\` begins
them again. Exit code 0 when all are taken.

usage: sluice replay <id>... [--dry-run] [--json]
       sluice replay <filters> [--limit n] [--dry-run] [--json]
       sluice replay --all [--dry-run] [--json]

${filterHelp.trim()}
--limit <n>              of those that fit at most so many, the newest
--all                    everything that is parked
--dry-run                only lists what would be sent
--json                   prints one object
${gatewayHelp.trim()}
--address <host:port>    Temporal's address
--namespace <name>       its namespace
${addressHelp}
`;

const options = {
  ...gatewayOptions,
  ...temporalOptions,
  ...filterOptions,
  limit: { type: 'string' },
  all: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Above this number of requests only what went wrong has a line of its own. */
const MAX_LISTED = 20;

/** Sends what is chosen; 0 when the gateway took all of it, else 1. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, 'any');
  assertSelection(positionals, hasFilter(values), values);
  const filter = readFilter(values);
  const limit =
    values.limit === undefined ? 1_000_000 : parseWholeNumber('--limit', values.limit, 1, 1_000_000);
  const config = readCliConfig();
  const gateway = gatewayClient(values, config);
  return withTemporal(resolveTemporal(values, config), async (temporal) => {
    const chosen =
      positionals.length > 0
        ? await findByIds(temporal, positionals)
        : (await listParked(temporal, filter, { limit, settled: false })).reverse();
    if (chosen.length === 0) console.error('nothing is parked that fits');
    const about = { gateway: gateway.target.url, namespace: temporal.target.namespace };
    const many = `${chosen.length} parked ${chosen.length === 1 ? 'request' : 'requests'}`;
    const where = `${gateway.target.url} (from ${gateway.target.from})`;
    const sending = values['dry-run'] ? 'would send' : 'sending';
    if (chosen.length > 0) printTarget(`${sending} ${many} again to ${where}`, temporal);
    if (values['dry-run']) {
      if (values.json)
        console.log(JSON.stringify({ ...about, dryRun: true, requests: chosen }, undefined, 2));
      else if (chosen.length > 0)
        for (const line of parkedTable(chosen, { settled: false })) console.log(line);
      return 0;
    }
    const view = createProgressView(process.stderr);
    const listsEach = chosen.length <= MAX_LISTED;
    const step = Math.ceil(chosen.length / MAX_LISTED);
    const started = Date.now();
    const requests = await replayAll(chosen, { gateway, temporal }, (one, done, wrong) => {
      if (!values.json && (listsEach || one.outcome !== 'sent')) console.log(resultText(one));
      const progress = { phase: 'replay', total: chosen.length, unit: 'requests', failed: wrong, note: '' };
      if (!listsEach && done % step === 0) view.show({ ...progress, done }, Date.now() - started);
    });
    view.end();
    const counts = countResults(requests);
    if (values.json) console.log(JSON.stringify({ ...about, ...counts, requests }, undefined, 2));
    else for (const line of [...failedRunLines(requests), summaryText(counts)]) console.log(line);
    return counts.sent === chosen.length ? 0 : 1;
  });
}

/** Everything that is parked is sent only to those who ask for it. */
function assertSelection(
  ids: readonly string[],
  filtered: boolean,
  { all, limit }: { readonly all: boolean; readonly limit?: string | undefined },
): void {
  if (ids.length > 0 && (filtered || all || limit !== undefined))
    throw new UsageError('requests are chosen by ids or by filters, not by both');
  if (filtered && all) throw new UsageError('--all and filters exclude each other');
  if (ids.length === 0 && !filtered && !all)
    throw new UsageError('say which: ids, filters such as --since 2h, or --all');
}

async function findByIds(temporal: TemporalClient, ids: readonly string[]): Promise<ParkedRun[]> {
  const found: ParkedRun[] = [];
  for (const id of new Set(ids)) found.push(await findParked(temporal, id));
  return found;
}
