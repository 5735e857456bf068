import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { machine } from '../machine.ts';
import { type DayCosts, dayCosts } from './day.ts';
import { evaluation } from './evaluation.ts';
import { live } from './live.ts';
import { pages } from './pages.ts';
import { projection } from './projection.ts';

const [selectedPart] = process.argv.slice(3);
const isSelected = (part: string): boolean => selectedPart === undefined || selectedPart === part;
const results: {
  evaluation?: ReturnType<typeof evaluation>;
  pages?: Awaited<ReturnType<typeof pages>>;
  live?: Awaited<ReturnType<typeof live>>;
  cities?: Awaited<ReturnType<typeof live>>;
  day?: DayCosts;
  projection?: ReturnType<typeof projection>;
} = {};
if (isSelected('evaluation')) results.evaluation = evaluation();
if (isSelected('pages')) results.pages = await pages();
if (isSelected('live'))
  results.live = await live({ cities: 300, channels: 500, subscriptions: 10_000, leadMinutes: 2 });
if (isSelected('cities')) {
  const cities = allPlaces().length;
  results.cities = await live({ cities, channels: 50, subscriptions: cities, leadMinutes: 5 });
}
if (isSelected('day')) results.day = await dayCosts();
if (results.day && results.live) results.projection = projection(results.day, results.live.sender);

const changes = (when: 'Before' | 'After'): number | undefined => results.day?.[`fiveChanges${when}`].actions;

/** The limits, and whether the results are within them. */
const limits: [name: string, value: number | undefined, holds: (value: number) => boolean][] = [
  ['pages of subscriptions, as a share of a bare range read', results.pages?.ratio, (value) => value >= 0.8],
  ['messages before the due time', results.live?.early, (value) => value === 0],
  ['messages that were received twice', results.live?.receivedTwice, (value) => value === 0],
  ['actions of a message', results.live?.actionsOfMessage, (value) => value <= 3],
  ['actions of a place with one due time', results.day?.oneDueTime.actions, (value) => value <= 8],
  ['actions of a place with two due times', results.day?.twoDueTimes.actions, (value) => value <= 8 + 3],
  [
    'actions of a place, one due time and five changes before it',
    changes('Before'),
    (value) => value <= 8 + 5,
  ],
  ['actions of a place, one due time and five changes after it', changes('After'), (value) => value <= 8 + 5],
  ['MiB of a worker with all places', results.cities?.workerMib, (value) => value < 512],
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
