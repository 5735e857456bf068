import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from '../machine.ts';
import { backlog } from './backlog.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { localStore } from './local-store.ts';
import { posting } from './posting.ts';

const [selectedPart] = process.argv.slice(3);
const results: {
  latency?: Awaited<ReturnType<typeof latency>>;
  backlog?: Awaited<ReturnType<typeof backlog>>;
  localStore?: Awaited<ReturnType<typeof localStore>>;
  idle?: Awaited<ReturnType<typeof idle>>;
  posting?: Awaited<ReturnType<typeof posting>>;
} = {};
if (selectedPart === undefined || selectedPart === 'latency') results.latency = await latency();
if (selectedPart === undefined || selectedPart === 'backlog') results.backlog = await backlog();
if (selectedPart === undefined || selectedPart === 'store') results.localStore = await localStore();
if (selectedPart === undefined || selectedPart === 'posting') results.posting = await posting();
if (selectedPart === undefined || selectedPart === 'idle') results.idle = await idle();

const accepted = results.latency?.changeToAcceptedMs;
/** The limits, and whether the results are within them. */
const limits: [name: string, value: number | undefined, holds: (value: number) => boolean][] = [
  ['change to accepted event at the 99th percentile, ms', accepted?.default?.p99, (value) => value < 1_000],
  [
    'change to accepted event with SOURCE_POLL_MS=50 at the 99th percentile, ms',
    accepted?.busy?.p99,
    (value) => value < 200,
  ],
  ['backlog: rate of the source, as a share of a bare loop', results.backlog?.ratio, (value) => value >= 0.6],
  ['memory during the backlog, MiB', results.backlog?.peakMiB, (value) => value < 192],
  ['reads of an idle channel a minute', results.idle?.most, (value) => value <= 20],
  ['single-row writes a second', results.localStore?.singleRowsPerSecond, (value) => value >= 1_200],
  ['rows a second in batches', results.localStore?.batchedRowsPerSecond, (value) => value >= 8_000],
];
for (const [name, value, holds] of limits) {
  if (value === undefined) continue;
  console.log(`${holds(value) ? '✓' : '✗'} ${name}: ${value}`);
  if (!holds(value)) process.exitCode = 1;
}
// Measuring one part replaces only the results of that part.
const file = new URL('../../../bench/results/source.json', import.meta.url);
const last = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { results: typeof results })
  : undefined;
const all = { machine: machine(), results: { ...last?.results, ...results } };
writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
