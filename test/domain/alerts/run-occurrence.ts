import { DEFAULT_CONDITION } from '../../../domain/alerts/condition.ts';
import {
  type Delivery,
  decideOccurrence,
  type NewestForecast,
  type Occurrence,
  type OccurrenceStep,
  type SubscriptionSettings,
} from '../../../domain/alerts/decide-occurrence.ts';
import { dayForecast } from './day-forecast.ts';

/** Parses a time in Beijing in October 2026, `12 20:00` or `12 20:00:01`, into epoch ms. */
export const at = (time: string): number => Date.parse(`2026-10-${time.replace(' ', 'T')}+08:00`);

/** A subscription to rain in Beijing at 20:00. */
export const SETTINGS: SubscriptionSettings = {
  ...{ createdAt: at('01 12:00'), at: '20:00', tz: 'Asia/Shanghai', mode: 'alert', holidays: 'keep' },
  ...{ condition: DEFAULT_CONDITION, lateWindowMs: 3 * 3_600_000, correction: true },
  ...{ changedAt: at('01 12:00'), paused: false },
};

/** The forecast for 13 October. Its `weather` is by day; the night is clear. `date` is the day it is for. */
export const forecastOf = (fetchedAt: number, weather: string, date = '2026-10-13'): NewestForecast => ({
  fetchedAt,
  days: [dayForecast('2026-10-11'), dayForecast(date, { dayweather: weather, nightweather: '晴' })],
});

/** The occurrence for 13 October, with a forecast of rain of two hours ago, refreshed before the due time. */
export const occurrence = (now: string, changes: Partial<Occurrence> = {}): Occurrence => ({
  ...{ settings: SETTINGS, date: '2026-10-13', placeZone: 'Asia/Shanghai', now: at(now) },
  ...{ forecast: forecastOf(at(now) - 2 * 3_600_000, '小雨'), refreshedAt: at('12 19:45'), deliveries: [] },
  ...changes,
});

export interface Story {
  /** What the provider returns from each time on. '' is an answer without the day. */
  readonly forecasts: readonly (readonly [time: string, weather: string])[];
  /** The settings from each time on, besides SETTINGS. */
  readonly changes?: readonly (readonly [time: string, settings: Partial<SubscriptionSettings>])[];
  /** While the process is down, nothing is decided. */
  readonly down?: readonly [from: string, to: string];
  readonly date?: string;
  /** What the channel makes of a message. */
  readonly outcome?: Delivery['status'];
}

/**
 * Plays a story from noon on 12 October to the end of the 16th: decides at each wake-up time, at each change of the
 * forecast or settings, and when the process starts again. Returns what was written, as in `12 20:00 deliver 小雨`.
 */
export function play({
  forecasts,
  changes = [],
  down,
  date = '2026-10-13',
  outcome = 'sent',
}: Story): string[] {
  const written: string[] = [];
  const deliveries: Delivery[] = [];
  let refreshedAt: number | undefined;
  const events = [...forecasts, ...changes].map(([time]) => at(time));
  const times = new Set([at('12 12:00'), ...events, ...(down ? [at(down[1])] : [])]);
  for (let now = nextOf(times, 0); now !== undefined && now < at('17 00:00'); now = nextOf(times, now)) {
    if (down && now >= at(down[0]) && now < at(down[1])) continue;
    const settings = Object.assign(
      {},
      SETTINGS,
      ...changes.filter(([time]) => at(time) <= Number(now)).map(([, set]) => set),
    );
    const [time, weather = ''] = forecasts.findLast(([start]) => at(start) <= Number(now)) ?? [];
    const forecast =
      time === undefined ? undefined : forecastOf(at(time), weather, weather === '' ? '' : date);
    // Decides again after each step, as a workflow does.
    for (let steps = 0; ; steps++) {
      if (steps > 5) throw new Error(`no progress at ${new Date(now).toISOString()}`);
      const given = { settings, date, placeZone: 'Asia/Shanghai', now, forecast, refreshedAt, deliveries };
      const step = decideOccurrence(given);
      if ('wakeAt' in step && step.wakeAt !== undefined) times.add(step.wakeAt);
      if (step.step === 'wait' || step.step === 'closed') break;
      if (step.step === 'refresh') refreshedAt = now;
      else written.push(`${wallTime(now)} ${write(step, now, deliveries, outcome)}`);
    }
  }
  return written;
}

const nextOf = (times: ReadonlySet<number>, after: number): number | undefined =>
  [...times].filter((time) => time > after).sort((one, other) => one - other)[0];

const wallTime = (instant: number): string =>
  new Date(instant + 8 * 3_600_000).toISOString().slice(8, 16).replace('T', ' ');

/** Writes the row of a step, as if the channel answered at once. Returns the step as a text. */
function write(step: OccurrenceStep, dueAt: number, rows: Delivery[], outcome: Delivery['status']): string {
  const decision = 'evaluation' in step ? step.evaluation?.decision : undefined;
  switch (step.step) {
    case 'deliver': {
      rows.push({ correction: false, status: outcome, dueAt, decision });
      const late = step.lateMs > 0 ? ` ${step.lateMs / 60_000} min late` : '';
      return `deliver${late}${step.isStale ? ' stale' : ''}`;
    }
    case 'correct':
      rows.push({ correction: true, status: outcome, dueAt, decision });
      return `correct ${step.change}`;
    case 'skip':
      rows.push({ correction: step.correction, status: 'skipped', reason: step.reason, dueAt, decision });
      return `skip ${step.reason}`;
    case 'expire':
      rows.push({ correction: step.correction, status: 'expired', dueAt });
      return 'expire';
    case 'no_data':
      rows.push({ correction: false, status: 'no_data', dueAt });
      return 'no_data';
    default:
      return step.step;
  }
}
