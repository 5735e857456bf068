import { markdownText } from '../../markdown-text.ts';
import { classifyPhenomenon } from '../../weather/phenomena.ts';
import type { AlertMessage, AlertSection, Locale, MessageText, PartNumber } from './alert-message.ts';
import { dateAndTimeText, dateText, dayName, minutesText, timeText } from './date-words.ts';
import { splitLines, utf8Bytes } from './split-lines.ts';
import { adviceText, temperatureText, weatherText, windText } from './weather-line.ts';

/** A longer text of a provider is cut. */
const MAX_TEXT = 60;

const MINUTE_MS = 60_000;

export interface TextOptions {
  readonly maxBytes: number;
  /** A word that every part must have. */
  readonly keyword?: string | undefined;
  /** The number that the part got when it was first written. Without this, parts are numbered from 1. */
  readonly part?: PartNumber | undefined;
}

/**
 * Writes a message as the texts of one or more parts, each of at most `maxBytes` in UTF-8. Parts end between places. Every
 * part has `keyword`, if there is one.
 */
export function messageTexts(
  message: AlertMessage,
  { maxBytes, keyword, part: fixedPart }: TextOptions,
): MessageText[] {
  const { locale } = message;
  const sections = sortedSections(message.sections);
  const foot = [`> ${footText(message)}`, ...keywordLine({ ...message, sections }, keyword)].join('\n\n');
  const head = (part: string): string => `### ${headText(message, sections)}${part}`;
  const lines = sections.map((section) => sectionLine(section, message));
  // The number of parts is known only after the split, so there is room for `(999/999)`.
  const fixedBytes = utf8Bytes(`${head(partText(999, 999, locale))}\n\n\n\n${foot}`);
  const parts = splitLines(lines, maxBytes - fixedBytes);
  let written = 0;
  return parts.map((lines, index) => {
    const part = fixedPart ?? (parts.length === 1 ? undefined : { number: index + 1, of: parts.length });
    const number = part === undefined ? '' : partText(part.number, part.of, locale);
    const sectionsOfPart = sections.slice(written, written + lines.length);
    written += lines.length;
    return {
      title: `${titleText(message, sections)}${number}`,
      markdown: `${head(number)}\n\n${lines.join('\n\n')}\n\n${foot}`,
      sections: sectionsOfPart,
      ...(part === undefined ? {} : { part }),
    };
  });
}

const partText = (number: number, of: number, locale: Locale): string =>
  locale === 'zh' ? `（${number}/${of}）` : ` (${number}/${of})`;

const isMatched = ({ decision }: AlertSection): boolean => decision.matched.length > 0;

/** Matched places first, then by severity. Otherwise, the order stays. */
const sortedSections = (sections: readonly AlertSection[]): readonly AlertSection[] =>
  [...sections].sort(
    (a, b) => Number(isMatched(b)) - Number(isMatched(a)) || b.decision.severity - a.decision.severity,
  );

function headText(message: AlertMessage, sections: readonly AlertSection[]): string {
  const { date, now, tz, locale, lateMs } = message;
  const day = dayName(date, now, tz, locale);
  const when = dateText(date, locale);
  const late = lateMs < MINUTE_MS ? '' : minutesText(lateMs, locale);
  if (locale === 'zh') {
    const kind = correctionOf(sections) ?? { zh: '天气提醒' };
    return `${day === '' ? when : `${day}（${when}）`}${kind.zh}${late === '' ? '' : `（延迟 ${late}）`}`;
  }
  const kind = correctionOf(sections) ?? { en: 'weather alert' };
  return `${day === '' ? when : `${day} (${when})`}: ${kind.en}${late === '' ? '' : ` (${late} late)`}`;
}

function correctionOf(sections: readonly AlertSection[]): Record<Locale, string> | undefined {
  const changes = new Set(sections.flatMap(({ correction }) => correction?.change ?? []));
  if (changes.size === 0) return undefined;
  return changes.has('withdrawn')
    ? { zh: '天气更正', en: 'correction of the weather alert' }
    : { zh: '新增天气提醒', en: 'new weather alert' };
}

/** The reasons of an alert, for the title. The first reason that fits counts. */
const REASONS = [
  ['rain', { zh: '有雨，记得带伞', en: 'rain', advice: ', take an umbrella' }],
  ['snow', { zh: '有雪，注意路滑', en: 'snow', advice: ', roads may be slippery' }],
  ['dust', { zh: '有沙尘', en: 'dust', advice: '' }],
  ['fog', { zh: '有雾', en: 'fog', advice: '' }],
  ['haze', { zh: '有霾', en: 'haze', advice: '' }],
  ['wind', { zh: '有大风', en: 'strong wind', advice: '' }],
] as const;

function titleText(
  { date, now, tz, locale, sections: all }: AlertMessage,
  sorted: readonly AlertSection[],
): string {
  const day = dayName(date, now, tz, locale);
  const matched = sorted.filter(isMatched);
  const subjects = matched.length === 0 ? sorted : matched;
  const [only] = subjects;
  const reason = reasonOf(matched);
  const correction = correctionOf(sorted);
  if (locale === 'zh') {
    const where = subjects.length === 1 ? (only?.name.zh ?? '') : ` ${subjects.length} 城`;
    const what = correction?.zh ?? reason?.zh ?? '天气提醒';
    return `${day === '' ? dateText(date, 'zh') : day}${where}${what}`;
  }
  const when = day === '' ? dateText(date, 'en') : `${day} (${dateText(date, 'en')})`;
  const what = correction?.en ?? reason?.en ?? 'weather alert';
  const where = subjects.length === 1 ? (only?.name.en ?? '') : `${subjects.length} of ${all.length} places`;
  return `${when}: ${what} in ${where}${correction === undefined ? (reason?.advice ?? '') : ''}`;
}

function reasonOf(matched: readonly AlertSection[]) {
  const categories = matched.map(({ forecast }) =>
    [forecast.dayweather, forecast.nightweather].flatMap((text) => classifyPhenomenon(text).categories),
  );
  return REASONS.find(([category]) => categories.some((found) => found.includes(category)))?.[1];
}

function sectionLine(section: AlertSection, { locale, tz }: AlertMessage): string {
  const { name, forecast, correction, staleSince } = section;
  const place = escaped(name[locale]);
  const values = [
    escaped(weatherText(forecast, locale)),
    temperatureText(forecast, locale),
    escaped(windText(forecast, locale)),
  ].filter((text) => text !== '');
  const separator = locale === 'zh' ? ' ' : ', ';
  const unknown = locale === 'zh' ? '没有预报' : 'no forecast';
  const weather = values.length === 0 ? unknown : values.join(separator);
  const advice = isMatched(section) ? emphasis(adviceText(forecast, locale), section) : '';
  const notes = [
    ...(correction === undefined ? [] : [beforeText(weatherText(correction.before, locale), locale)]),
    ...(staleSince === undefined ? [] : [staleText(dateAndTimeText(staleSince, tz), locale)]),
  ];
  const shown = isMatched(section) ? `**${place}**` : place;
  if (locale === 'zh')
    return `${[shown, weather, advice].filter((text) => text !== '').join(' ')}${notes.join('')}`;
  return [`${shown}: ${[weather, advice].filter((text) => text !== '').join('; ')}`, ...notes].join(' ');
}

const emphasis = (text: string, { decision }: AlertSection): string =>
  text !== '' && decision.severity >= 4 ? `**${text}**` : text;

const beforeText = (before: string, locale: Locale): string =>
  locale === 'zh' ? `（原预报：${escaped(before)}）` : `(earlier forecast: ${escaped(before)})`;

const staleText = (when: string, locale: Locale): string =>
  locale === 'zh' ? `（数据更新于 ${when}）` : `(data of ${when})`;

function footText({ locale, attribution, issuedAt, now, tz, lateMs, shortId }: AlertMessage): string {
  const zh = locale === 'zh';
  const issued = issuedAt === undefined ? '' : dateAndTimeText(issuedAt, tz);
  const source = escaped(attribution);
  const written = timeText(now, tz);
  const late = minutesText(lateMs, locale);
  return [
    issued === '' ? source : zh ? `${source} ${issued} 发布` : `${source}, issued ${issued}`,
    zh ? `${written} 生成` : `written ${written}`,
    ...(lateMs < MINUTE_MS ? [] : [zh ? `延迟 ${late}` : `${late} late`]),
    `\\#${shortId}`,
    'sluice mute / sluice subscriptions delete',
  ].join(' · ');
}

/** Every part has the heading. Returns a line with the keyword if the heading does not contain the keyword. */
function keywordLine(message: AlertMessage, keyword: string | undefined): string[] {
  if (keyword === undefined || headText(message, message.sections).includes(keyword)) return [];
  return [keyword];
}

const escaped = (text: string): string => markdownText(text, MAX_TEXT);
