import { addressHelp, resolveTemporal, temporalOptions } from './addresses.ts';
import { parseCommand, parseWholeNumber, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { gatewayClient, gatewayHelp, gatewayOptions } from './gateway-client.ts';
import { filterHelp, filterOptions, hasFilter, readFilter } from './parked/filter.ts';
import { parkedTable } from './parked/list.ts';
import { findParked, listParked, type ParkedRun, readParked } from './parked/parked-runs.ts';
import { headerLines } from './parked/show.ts';
import { replayAll } from './replay/replay-all.ts';
import { countResults, failedRunLines, resultText, skippedLines, summaryText } from './replay/replay-text.ts';
import { printTarget } from './runs/describe-run.ts';
import { createProgressView } from './runs/run-progress.ts';
import { type TemporalClient, withTemporal } from './temporal-client.ts';
import { printJson } from './terminal-text.ts';

/** The text of `sluice replay --help`. */
export const help = `
Makes the gateway deliver parked requests again, oldest first, eight at the same time. The gateway uses the original bytes. For
a dead letter, it delivers the event. A request stays parked, and the reason is shown, if it is not an event, if it matches no
route, if its route signals only an open run and none is open, or if the gateway rejects it. Accepted requests are no longer
parked. A replay never starts a run twice. If an earlier run of the event has failed, the command names it; \`sluice runs retry\`
starts it again. Exit code 0 if all requests are accepted.

If the gateway has \`sources\`, it delivers only events that the sender of the request may send now. Other requests are skipped.
After you checked the headers of a skipped request, --as-operator sends its events as your own. The gateway logs this.

usage: sluice replay <id>... [--as-operator] [--dry-run] [--json]
       sluice replay <filters> [--limit n] [--dry-run] [--json]
       sluice replay --all [--dry-run] [--json]

${filterHelp.trim()}
--limit <n>              sends only the newest n matching requests
--all                    all parked requests
--as-operator            delivers the requests of these ids even if their sender may not send them; prints their headers
--dry-run                only lists the requests
--json                   prints one object
${gatewayHelp.trim()}
--address <host:port>    Temporal's address
--namespace <name>       Temporal's namespace
${addressHelp}
`;

const options = {
  ...gatewayOptions,
  ...temporalOptions,
  ...filterOptions,
  limit: { type: 'string' },
  all: { type: 'boolean', default: false },
  'as-operator': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Above this number, only failures are listed. */
const MAX_LISTED = 20;

/** Replays the selected requests. Returns 0 if the gateway accepted all of them, else 1. */
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
        : (await listParked(temporal, filter, { limit, includeClosed: false })).reverse();
    if (chosen.length === 0) console.error('no parked request matches');
    const about = { gateway: gateway.target.url, namespace: temporal.target.namespace };
    const countText = `${chosen.length} parked ${chosen.length === 1 ? 'request' : 'requests'}`;
    const where = `${gateway.target.url} (from ${gateway.target.from})`;
    const sending = values['dry-run'] ? 'would send' : 'sending';
    if (chosen.length > 0) printTarget(`${sending} ${countText} again to ${where}`, temporal);
    if (values['dry-run']) {
      if (values.json) printJson({ ...about, dryRun: true, requests: chosen });
      else if (chosen.length > 0)
        for (const line of parkedTable(chosen, { includeClosed: false })) console.log(line);
      return 0;
    }
    const asOperator = values['as-operator'];
    if (asOperator) await printHeaders(temporal, chosen);
    const progressView = createProgressView(process.stderr);
    const listsEach = chosen.length <= MAX_LISTED;
    const progressStep = Math.ceil(chosen.length / MAX_LISTED);
    const started = Date.now();
    const requests = await replayAll(
      chosen,
      { gateway, temporal, asOperator },
      (result, done, notAccepted) => {
        if (!values.json && (listsEach || result.outcome !== 'sent')) console.log(resultText(result));
        const progress = {
          phase: 'replay',
          total: chosen.length,
          unit: 'requests',
          failed: notAccepted,
          note: '',
        };
        if (!listsEach && done % progressStep === 0)
          progressView.show({ ...progress, done }, Date.now() - started);
      },
    );
    progressView.end();
    const counts = countResults(requests);
    if (values.json) printJson({ ...about, ...counts, requests });
    else {
      const lines = [...failedRunLines(requests), ...skippedLines(counts), summaryText(counts)];
      for (const line of lines) console.log(line);
    }
    return counts.sent === chosen.length ? 0 : 1;
  });
}

/** Throws `UsageError` if no requests are selected, or if two ways of selecting them are combined. */
function assertSelection(
  ids: readonly string[],
  filtered: boolean,
  values: { readonly all: boolean; readonly 'as-operator': boolean; readonly limit?: string | undefined },
): void {
  const { all, limit } = values;
  if (values['as-operator'] && ids.length === 0)
    throw new UsageError('--as-operator needs the ids of requests; look at each request first');
  if (ids.length > 0 && (filtered || all || limit !== undefined))
    throw new UsageError('ids and filters cannot be used together');
  if (filtered && all) throw new UsageError('--all and filters cannot be used together');
  if (ids.length === 0 && !filtered && !all)
    throw new UsageError('select requests by ids, by filters such as --since 2h, or with --all');
}

async function findByIds(temporal: TemporalClient, ids: readonly string[]): Promise<ParkedRun[]> {
  const found: ParkedRun[] = [];
  for (const id of new Set(ids)) found.push(await findParked(temporal, id));
  return found;
}

/** Prints the headers of each request to standard error. */
async function printHeaders(temporal: TemporalClient, runs: readonly ParkedRun[]): Promise<void> {
  for (const run of runs) {
    console.error(`${run.id} has these headers:`);
    for (const line of headerLines(await readParked(temporal, run))) console.error(`  ${line}`);
  }
}
