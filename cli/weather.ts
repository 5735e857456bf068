import { type ApiAnswer, apiHelp, apiOption, getFromApi } from './api-client.ts';
import { CommandError, parseCommand, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { alignColumns, oneLine, printJson } from './terminal-text.ts';

/** The text of `sluice weather --help`. */
export const help = `
Shows a place's weather for today and the next three days.

usage: sluice weather <city> [--json]

<city>         the name (乐清), pinyin (yueqing), initials or adcode of a place
--json         prints the api's answer
${apiHelp}
`;

interface City {
  readonly adcode: string;
  readonly name: string;
  readonly path: readonly string[];
}

interface HalfDay {
  readonly text: string;
  readonly wind: { readonly text: string } | null;
}

interface Forecast {
  readonly path: readonly string[];
  readonly attribution: string;
  readonly issuedAt: string | null;
  readonly stale: boolean;
  readonly inheritedFrom?: { readonly name: string };
  readonly days: readonly {
    readonly date: string;
    readonly weekday: number;
    readonly day: HalfDay | null;
    readonly night: HalfDay | null;
    readonly highC: number | null;
    readonly lowC: number | null;
  }[];
}

const WEEKDAYS = ['', '周一', '周二', '周三', '周四', '周五', '周六', '周日'];

/** Prints the forecast of the best match, and names other places with the same name. */
export async function run(args: readonly string[]): Promise<number> {
  const options = { ...apiOption, json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseCommand(args, options, 'any');
  const words = positionals.join(' ').trim();
  if (words === '') throw new UsageError('<city> is missing: sluice weather 北京');
  const config = readCliConfig();
  const request = (path: string): Promise<ApiAnswer> => getFromApi(values, config, path);
  const cities = (
    await requireOk<{ items: readonly City[] }>(request(`/v1/cities?limit=6&q=${encodeURIComponent(words)}`))
  ).items;
  const [city, ...others] = cities;
  if (city === undefined) throw new CommandError(`no place matches ${JSON.stringify(oneLine(words, 100))}`);
  const forecast = await requireOk<Forecast>(request(`/v1/cities/${city.adcode}/forecast?days=4`));
  if (values.json) printJson(forecast);
  else
    for (const line of [...forecastLines(forecast, city), ...otherMatchLines(words, city, others)])
      console.log(line);
  return 0;
}

async function requireOk<T>(answer: Promise<ApiAnswer>): Promise<T> {
  const { status, body } = await answer;
  if (status === 200) return body as T;
  const { detail, title } = body as { detail?: string; title?: string };
  throw new CommandError(oneLine(detail ?? title ?? `the api answered ${status}`, 500));
}

function forecastLines(forecast: Forecast, { adcode }: City): string[] {
  const { path, days, inheritedFrom, attribution, issuedAt, stale } = forecast;
  const rows = days.map(({ date, weekday, day, night, highC, lowC }) => [
    `${date.slice(5)} ${WEEKDAYS[weekday] ?? ''}`,
    [day?.text, night?.text].filter((text, index, all) => text && text !== all[index - 1]).join(' / '),
    `${lowC ?? '?'}…${highC ?? '?'} °C`,
    day?.wind?.text ?? night?.wind?.text ?? '',
  ]);
  const source = [
    attribution,
    ...(issuedAt === null ? [] : [`issued ${issuedAt.slice(0, 16).replace('T', ' ')}`]),
    ...(stale ? ['stale'] : []),
    ...(inheritedFrom === undefined
      ? []
      : [`forecast of ${inheritedFrom.name}; this place has no own forecast`]),
  ];
  return [
    `${path.join(' · ')} (${adcode})`,
    ...alignColumns(rows).map((line) => `  ${line}`),
    `  ${source.join(', ')}`,
  ];
}

/** Other places that match equally: with the same name, or with a name that starts with the words. */
function otherMatchLines(words: string, city: City, others: readonly City[]): string[] {
  const same = others.filter(({ name }) => name === city.name || name.startsWith(words));
  if (same.length === 0) return [];
  return [`also: ${same.map(({ path, adcode }) => `${path.join(' · ')} (${adcode})`).join(', ')}`];
}
