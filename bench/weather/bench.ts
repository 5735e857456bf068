import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from '../machine.ts';
import { changes } from './changes.ts';
import { fullRefresh } from './full-refresh.ts';
import { query } from './query.ts';
import { search } from './search.ts';

const [selectedPart] = process.argv.slice(3);
const results: {
  full?: Awaited<ReturnType<typeof fullRefresh>>;
  changes?: Awaited<ReturnType<typeof changes>>;
  search?: ReturnType<typeof search>;
  query?: Awaited<ReturnType<typeof query>>;
} = {};
if (selectedPart === undefined || selectedPart === 'full') results.full = await fullRefresh();
if (selectedPart === undefined || selectedPart === 'changes') results.changes = await changes();
if (selectedPart === undefined || selectedPart === 'search') results.search = search();
if (selectedPart === undefined || selectedPart === 'query') results.query = await query();

const { unchanged, changed } = results.changes ?? {};
/** The limits, and whether the results are within them. */
const limits: [name: string, value: number | undefined, holds: (value: number) => boolean][] = [
  ['refresh of all places: duration divided by places/limit', results.full?.ratio, (value) => value <= 1.1],
  ['most calls in a second, limit 30', results.full?.mostInASecond, (value) => value <= 30],
  ['events in the history of a full run', results.full?.historyLength, (value) => value < 2_000],
  ['rows written when nothing changed', unchanged?.written, (value) => value === 0],
  ['change events when nothing changed', unchanged?.events, (value) => value === 0],
  [
    'rows written too many or too few when 5 % changed',
    changed && Math.abs(changed.written - changed.casts),
    (value) => value === 0,
  ],
  [
    'change events too many or too few when 5 % changed',
    changed && Math.abs(changed.events - changed.casts),
    (value) => value === 0,
  ],
  ['search at the 99th percentile, ms', results.search?.p99, (value) => value <= 10],
  ['queries through the api, as a share of bare reads', results.query?.ratio, (value) => value >= 0.5],
  ['query at 100/s at the 99th percentile, ms', results.query?.at100PerSecondMs.p99, (value) => value <= 10],
];
for (const [name, value, holds] of limits) {
  if (value === undefined) continue;
  console.log(`${holds(value) ? '✓' : '✗'} ${name}: ${value}`);
  if (!holds(value)) process.exitCode = 1;
}
// Measuring one part replaces only the results of that part.
const file = new URL('../../../bench/results/weather.json', import.meta.url);
const last = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { results: typeof results })
  : undefined;
const all = { machine: machine(), results: { ...last?.results, ...results } };
writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
