import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from '../machine.ts';
import { evaluation } from './evaluation.ts';
import { live } from './live.ts';
import { pages } from './pages.ts';

const [selectedPart] = process.argv.slice(3);
const isSelected = (part: string): boolean => selectedPart === undefined || selectedPart === part;
const results: {
  evaluation?: ReturnType<typeof evaluation>;
  pages?: Awaited<ReturnType<typeof pages>>;
  live?: Awaited<ReturnType<typeof live>>;
  cities?: Awaited<ReturnType<typeof live>>;
} = {};
if (isSelected('evaluation')) results.evaluation = evaluation();
if (isSelected('pages')) results.pages = await pages();
if (isSelected('live'))
  results.live = await live({ cities: 300, channels: 500, subscriptions: 10_000, leadMinutes: 2 });
if (isSelected('cities'))
  results.cities = await live({ cities: 3_200, channels: 50, subscriptions: 3_200, leadMinutes: 4 });

/** The limits, and whether the results are within them. */
const limits: [name: string, value: number | undefined, holds: (value: number) => boolean][] = [
  ['pages of subscriptions, as a share of a bare range read', results.pages?.ratio, (value) => value >= 0.8],
  ['messages before the due time', results.live?.early, (value) => value === 0],
  ['messages that were received twice', results.live?.receivedTwice, (value) => value === 0],
  ['actions of a city with one due time', results.live?.actions.city.actions, (value) => value <= 8],
  ['actions of a message', results.live?.actions.sender.actions, (value) => value <= 3],
];
for (const [name, value, holds] of limits) {
  if (value === undefined) continue;
  console.log(`${holds(value) ? '✓' : '✗'} ${name}: ${value}`);
  if (!holds(value)) process.exitCode = 1;
}
// Measuring one part replaces only the results of that part.
const file = new URL('../../../bench/results/alerts.json', import.meta.url);
const last = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { results: typeof results })
  : undefined;
const all = { machine: machine(), results: { ...last?.results, ...results } };
writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
