import { apiClient, apiHelp, apiOption } from './api-client.ts';
import { parseCommand, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { type City, cityText, findCity } from './find-city.ts';
import { alignColumns, printJson } from './terminal-text.ts';

/** The text of `sluice weather --help`. */
export const help = `
Shows a place's weather for today and the next three days.

usage: sluice weather <city> [--json]

<city>         the name (乐清), pinyin (yueqing), initials or adcode of a place
--json         prints the api's answer
${apiHelp}
`;

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
  const api = apiClient(values, readCliConfig());
  const { city, others } = await findCity(api, words);
  const forecast = await api.get<Forecast>(`/v1/cities/${city.adcode}/forecast?days=4`);
  if (values.json) printJson(forecast);
  else for (const line of [...forecastLines(forecast, city), ...otherLines(others)]) console.log(line);
  return 0;
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

const otherLines = (others: readonly City[]): string[] =>
  others.length === 0 ? [] : [`also: ${others.map(cityText).join(', ')}`];
