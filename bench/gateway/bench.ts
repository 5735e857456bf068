import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from '../machine.ts';
import { againstBareClient } from './against-bare-client.ts';
import { memory } from './memory.ts';
import { overload } from './overload.ts';

const [selectedPart] = process.argv.slice(3);
const results: {
  againstBareClient?: Awaited<ReturnType<typeof againstBareClient>>;
  memory?: Awaited<ReturnType<typeof memory>>;
  overload?: Awaited<ReturnType<typeof overload>>;
} = {};
if (selectedPart === undefined || selectedPart === 'speed')
  results.againstBareClient = await againstBareClient();
if (selectedPart === undefined || selectedPart === 'memory') results.memory = await memory();
if (selectedPart === undefined || selectedPart === 'overload') results.overload = await overload();

/** The limits, and whether the results are within them. */
const limits: [name: string, value: number | undefined, holds: (value: number) => boolean][] = [
  [
    'rate with 16 concurrent requests, as a share of the bare client',
    results.againstBareClient?.at16.ratio,
    (value) => value >= 0.9,
  ],
  [
    'rate with one request at a time, as a share of the bare client',
    results.againstBareClient?.at1.ratio,
    (value) => value >= 0.8,
  ],
  [
    'added latency at the median, ms',
    results.againstBareClient?.at50PerSecond.addedP50Ms,
    (value) => value <= 3,
  ],
  [
    'added latency at the 95th percentile, ms',
    results.againstBareClient?.at50PerSecond.addedP95Ms,
    (value) => value <= 5,
  ],
  ['memory after 50,000 events, MiB', results.memory?.steady.afterMiB, (value) => value <= 112],
  ['memory with stalls, MiB', results.memory?.stalled.afterMiB, (value) => value <= 112],
  ['longest answer under overload, ms', results.overload?.longestMs, (value) => value <= 4_000],
  [
    'speed five seconds after the overload, as a share of the speed before',
    results.overload?.recovered,
    (value) => value >= 0.9,
  ],
];
for (const [name, value, holds] of limits) {
  if (value === undefined) continue;
  console.log(`${holds(value) ? '✓' : '✗'} ${name}: ${value}`);
  if (!holds(value)) process.exitCode = 1;
}
// Measuring one part replaces only the results of that part.
const file = new URL('../../../bench/results/gateway.json', import.meta.url);
const last = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { results: typeof results })
  : undefined;
const all = { machine: machine(), results: { ...last?.results, ...results } };
writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
