import { Duration } from 'luxon';
import { placeOf, successorOf } from '../catalogue/catalogue.ts';
import { isObject, shortJson } from '../event-pattern/pattern-error.ts';
import { PLACE_ZONE } from '../temporal-contract.ts';
import { checkCondition, DEFAULT_CONDITION } from './condition.ts';
import { dueInstant, isCalendarDay, isTimeZone, isWallTime } from './local-time.ts';
import { isSendingDay, type Weekday } from './sending-days.ts';
import type { SubscriptionDocument } from './subscription.ts';
import type { Locale } from './text/alert-message.ts';

/** A mistake in a field. `detail` is a sentence that names the field, its value and what is allowed. */
export interface FieldProblem {
  readonly name: string;
  readonly detail: string;
}

export interface CheckedSubscription {
  /** The current code of the place, also if the request has an old one. Undefined if there are problems. */
  readonly adcode: string | undefined;
  readonly channelId: string | undefined;
  /** Undefined if there are problems. */
  readonly document: SubscriptionDocument | undefined;
  readonly problems: readonly FieldProblem[];
}

export interface SubscriptionContext {
  /** Epoch ms. */
  readonly now: number;
  /** The language of a subscription that names none. */
  readonly defaultLocale: Locale;
  /** The subscription that the request changes. A field that is null gets its default again. */
  readonly stored?: { readonly adcode: string; readonly document: SubscriptionDocument } | undefined;
}

const MINUTE_MS = 60_000;
const MAX_LATE_WINDOW_MS = 24 * 60 * MINUTE_MS;

/** Returns how late a message may be, in ms. */
export const lateWindowMs = ({ lateWindow }: Pick<SubscriptionDocument, 'lateWindow'>): number =>
  Duration.fromISO(lateWindow).toMillis();

interface Rule {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
}

const oneOf = (...values: readonly unknown[]): Rule => ({
  allowed: values.join(', '),
  accepts: (value) => values.includes(value),
});

/** A rule for texts. No allowed text is longer than 100 characters. */
const textRule = (allowed: string, accepts: (text: string) => boolean): Rule => ({
  allowed,
  accepts: (value) => typeof value === 'string' && value.length <= 100 && accepts(value),
});

const WALL_TIME = textRule('a time from 00:00 to 23:59, such as 20:00', isWallTime);

const RULES: Readonly<Record<string, Rule>> = {
  adcode: textRule('the adcode of a place, such as 110000', (code) => currentAdcode(code) !== undefined),
  channelId: textRule('the id of a channel', (id) => /^[\w-]+$/.test(id)),
  at: WALL_TIME,
  tz: textRule(
    'the IANA name of a time zone, such as Asia/Shanghai',
    (name) => /^[a-z][\w+/-]*$/i.test(name) && isTimeZone(name),
  ),
  mode: oneOf('alert', 'always'),
  days: {
    allowed: 'a list of one or more of 1 (Monday) to 7 (Sunday), each once; without days, all days',
    accepts: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      new Set(value).size === value.length &&
      value.every((day) => Number.isInteger(day) && day >= 1 && day <= 7),
  },
  holidays: oneOf('keep', 'skip'),
  lateWindow: textRule('an ISO 8601 duration from PT1M to PT24H', (text) => {
    const ms = Duration.fromISO(text).toMillis();
    // With two signs, -PT-60M is as long as PT60M.
    return !text.includes('-') && ms >= MINUTE_MS && ms <= MAX_LATE_WINDOW_MS;
  }),
  correction: oneOf(true, false),
  date: textRule('a day such as 2026-11-22', isCalendarDay),
  locale: oneOf('zh', 'en'),
  text: oneOf('original'),
};

const FIELDS = [...Object.keys(RULES), 'condition', 'quiet'];

const currentAdcode = (code: string): string | undefined =>
  placeOf(code) === undefined ? successorOf(code) : code;

/**
 * Checks a request to create or change a subscription, as parsed from JSON, and adds the defaults. Never throws. Reports
 * every problem, also a subscription that can never send.
 */
export function checkSubscription(body: unknown, context: SubscriptionContext): CheckedSubscription {
  if (!isObject(body)) {
    const detail = `the body is ${shortJson(body)}; allowed: an object with ${FIELDS.join(', ')}`;
    return noDocument([{ name: 'body', detail }]);
  }
  const { stored } = context;
  // In a change, null removes a field. In a new subscription, null is not allowed.
  const given = Object.fromEntries(
    Object.entries(body).filter(([, value]) => stored === undefined || value !== null),
  );
  const problems = [
    ...unknownFields(body),
    ...missingFields(body, context),
    ...Object.entries(RULES).flatMap(([name, rule]) => problemWith(name, given[name], rule)),
    ...conditionProblems(given.condition),
    ...quietProblems(given.quiet),
  ];
  if (stored !== undefined && Object.hasOwn(body, 'adcode'))
    problems.push({ name: 'adcode', detail: 'adcode cannot be changed; create another subscription' });
  if (problems.length > 0) return noDocument(problems);
  const adcode = stored?.adcode ?? currentAdcode(String(given.adcode)) ?? '';
  const kept = Object.entries(stored?.document ?? {}).filter(([name]) => body[name] !== null);
  const document = withDefaults({ ...Object.fromEntries(kept), ...given }, context.defaultLocale);
  const isTimeGiven = ['date', 'at', 'tz', 'days', 'holidays'].some((name) => Object.hasOwn(body, name));
  const never = isTimeGiven ? neverSends(document, adcode, context.now) : [];
  if (never.length > 0) return noDocument(never);
  return { adcode, channelId: given.channelId as string | undefined, document, problems: [] };
}

const noDocument = (problems: readonly FieldProblem[]): CheckedSubscription => ({
  ...{ adcode: undefined, channelId: undefined, document: undefined, problems },
});

const unknownFields = (body: Readonly<Record<string, unknown>>): FieldProblem[] =>
  Object.keys(body)
    .filter((name) => !FIELDS.includes(name))
    .map((name) => ({
      name,
      detail: `${shortJson(name)} is an unknown field; allowed: ${FIELDS.join(', ')}`,
    }));

function missingFields(
  body: Readonly<Record<string, unknown>>,
  { stored }: SubscriptionContext,
): FieldProblem[] {
  return ['adcode', 'channelId'].flatMap((name) => {
    const isMissing = stored === undefined ? body[name] === undefined : body[name] === null;
    return isMissing ? [{ name, detail: `${name} is missing; allowed: ${RULES[name]?.allowed}` }] : [];
  });
}

const problemWith = (name: string, value: unknown, { allowed, accepts }: Rule): FieldProblem[] =>
  value === undefined || accepts(value)
    ? []
    : [{ name, detail: `${name} is ${shortJson(value)}; allowed: ${allowed}` }];

function conditionProblems(value: unknown): FieldProblem[] {
  if (value === undefined) return [];
  return checkCondition(value).problems.map(({ path, problem }) => {
    const name = path === '' ? 'condition' : `condition.${path}`;
    return { name, detail: `${name} ${problem}` };
  });
}

function quietProblems(value: unknown): FieldProblem[] {
  if (value === undefined) return [];
  const isHours = isObject(value) && Object.keys(value).sort().join() === 'from,to';
  const rule = { allowed: 'an object with from and to', accepts: () => isHours };
  if (!isHours) return problemWith('quiet', value, rule);
  return ['from', 'to'].flatMap((name) => problemWith(`quiet.${name}`, value[name], WALL_TIME));
}

/** Adds the defaults to fields that are already checked. */
function withDefaults(
  fields: Readonly<Record<string, unknown>>,
  defaultLocale: Locale,
): SubscriptionDocument {
  const chosen = fields as Partial<SubscriptionDocument>;
  const { days, quiet, date, text } = chosen;
  return {
    condition: chosen.condition ?? DEFAULT_CONDITION,
    ...{ at: chosen.at ?? '20:00', tz: chosen.tz ?? PLACE_ZONE, mode: chosen.mode ?? 'alert' },
    ...(days === undefined ? {} : { days: [...days].sort() as Weekday[] }),
    ...(quiet === undefined ? {} : { quiet: { from: quiet.from, to: quiet.to } }),
    ...{ holidays: chosen.holidays ?? 'keep', lateWindow: chosen.lateWindow ?? 'PT3H' },
    ...{ correction: chosen.correction ?? true },
    ...(date === undefined ? {} : { date }),
    locale: chosen.locale ?? defaultLocale,
    ...(text === undefined ? {} : { text }),
  };
}

/**
 * A subscription for a single day never sends if its message is no longer due, or if `days` or `holidays` exclude
 * this day.
 */
function neverSends(document: SubscriptionDocument, adcode: string, now: number): FieldProblem[] {
  const { date, at, tz } = document;
  if (date === undefined) return [];
  const due = dueInstant(date, document, placeOf(adcode)?.timeZone ?? PLACE_ZONE);
  if (due <= now) {
    const detail = `date is "${date}", whose message was due the day before at ${at} (${tz}); allowed: a later day`;
    return [{ name: 'date', detail }];
  }
  if (isSendingDay(date, document)) return [];
  return [
    { name: 'date', detail: `date is "${date}", which days and holidays leave out; allowed: another day` },
  ];
}
