import type { DayForecast } from '../weather/forecast.ts';
import { type Category, classifyPhenomenon, type Severity } from '../weather/phenomena.ts';
import { parseWindPower } from '../weather/wind.ts';
import { type Clause, defaultMinSeverity, type When } from './condition-nodes.ts';
import { addDays } from './local-time.ts';
import { anyOf, type Truth } from './truth.ts';

/** A value of a forecast, in the provider's words. '' if the provider gives none. */
export interface DecidingValue {
  /** The day of the forecast, `yyyy-mm-dd`. */
  readonly date: string;
  readonly field: 'dayweather' | 'nightweather' | 'daytemp' | 'nighttemp' | 'daypower' | 'nightpower';
  readonly text: string;
}

/** The result of a clause. */
export interface ClauseFinding {
  readonly result: Truth;
  /**
   * If the clause is true, the values that make it true. If it is unknown, the missing values. Otherwise all values
   * that the clause checks.
   */
  readonly decidedBy: readonly DecidingValue[];
  /** How severe the weather is that makes the clause true. 0 if it is not true. */
  readonly severity: Severity;
}

/** The forecasts of the day, and of the day before. */
export interface Forecasts {
  readonly day: DayForecast;
  readonly today: DayForecast | undefined;
}

export const highest = (severities: readonly Severity[]): Severity =>
  severities.reduce<Severity>((worst, each) => (each > worst ? each : worst), 0);

/** What one value of a forecast means for a clause. */
interface Finding {
  readonly values: readonly DecidingValue[];
  readonly result: Truth;
  readonly severity: Severity;
}

/** Evaluates one clause. */
export function evaluateClause(clause: Clause, forecasts: Forecasts): ClauseFinding {
  const findings = findingsFor(clause, forecasts);
  const result = anyOf(findings.map((finding) => finding.result));
  const deciding = findings.filter((finding) => finding.result === result);
  return {
    result,
    decidedBy: deciding.flatMap(({ values }) => values),
    severity: result === true ? highest(deciding.map(({ severity }) => severity)) : (0 as const),
  };
}

function findingsFor(clause: Clause, { day, today }: Forecasts): readonly Finding[] {
  if ('cat' in clause) {
    const { cat, minSev = defaultMinSeverity(cat) } = clause;
    return texts(day, clause.when).map((value) => findCategory(value, cat, minSev));
  }
  if ('textIn' in clause)
    return texts(day, clause.when).map((value) =>
      findText(value, (text) => clause.textIn.some((each) => each.trim() === text)),
    );
  if ('textContains' in clause)
    return texts(day, clause.when).map((value) =>
      findText(value, (text) => text.includes(clause.textContains)),
    );
  if ('windAtLeast' in clause)
    return windPowers(day, clause.when).map((value) => findWind(value, clause.windAtLeast));
  if ('tMinBelow' in clause)
    return [findTemperature([fieldOf(day, 'nighttemp')], (tMin) => tMin < clause.tMinBelow)];
  if ('tMaxAbove' in clause)
    return [findTemperature([fieldOf(day, 'daytemp')], (tMax) => tMax > clause.tMaxAbove)];
  const field = clause.of === 'min' ? 'nighttemp' : 'daytemp';
  const noValue = { date: addDays(day.date, -1), field, text: '' } as const;
  const before = today === undefined ? noValue : fieldOf(today, field);
  return [findTemperature([before, fieldOf(day, field)], (was, is = was) => was - is >= clause.tDrop)];
}

const fieldOf = (day: DayForecast, field: DecidingValue['field']): DecidingValue => ({
  ...{ date: day.date, field, text: day[field] },
});

const texts = (day: DayForecast, when: When = 'any'): readonly DecidingValue[] => [
  ...(when === 'night' ? [] : [fieldOf(day, 'dayweather')]),
  ...(when === 'day' ? [] : [fieldOf(day, 'nightweather')]),
];

const windPowers = (day: DayForecast, when: When = 'any'): readonly DecidingValue[] => [
  ...(when === 'night' ? [] : [fieldOf(day, 'daypower')]),
  ...(when === 'day' ? [] : [fieldOf(day, 'nightpower')]),
];

function findCategory(value: DecidingValue, category: Category, minSeverity: Severity): Finding {
  const { categories, severity } = classifyPhenomenon(value.text);
  const result = categories.includes(category) && severity >= minSeverity;
  return { values: [value], severity, result: categories.includes('unknown') ? 'unknown' : result };
}

/** The provider's text 未知 says that the weather is not known. A list may still name it. */
function findText(value: DecidingValue, matches: (text: string) => boolean): Finding {
  const text = value.text.trim();
  const result = text !== '' && matches(text);
  const isMissing = text === '' || text === '未知';
  return {
    values: [value],
    severity: classifyPhenomenon(text).severity,
    result: isMissing && !result ? 'unknown' : result,
  };
}

/** A range such as `≤3` or `4-5` counts with its highest level. */
function findWind(value: DecidingValue, level: number): Finding {
  const power = parseWindPower(value.text);
  if (power === undefined) return { values: [value], severity: 0, result: 'unknown' };
  return { values: [value], severity: windSeverity(power.max), result: power.max >= level };
}

/** Returns the severity of a Beaufort level. It is the severity of AMap's words for this wind. */
function windSeverity(level: number): Severity {
  if (level <= 5) return 0;
  if (level === 6) return 1;
  if (level === 7) return 2;
  if (level <= 9) return 3;
  return level <= 11 ? 4 : 5;
}

function findTemperature(
  values: readonly DecidingValue[],
  decide: (first: number, second?: number) => boolean,
): Finding {
  const missing = values.filter(({ text }) => !/^-?\d+(\.\d+)?$/.test(text.trim()));
  if (missing.length > 0) return { values: missing, severity: 0, result: 'unknown' };
  const [first = 0, second] = values.map(({ text }) => Number(text));
  return { values, severity: 1, result: decide(first, second) };
}
