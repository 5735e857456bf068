import type { Condition } from '../../domain/alerts/condition.ts';
import { decideOccurrence } from '../../domain/alerts/decide-occurrence.ts';
import { wallTimeInstant } from '../../domain/alerts/local-time.ts';
import type { Occurrence } from '../../domain/alerts/occurrence.ts';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import type { DayForecast } from '../../domain/weather/forecast.ts';

const SUBSCRIPTIONS = 1_000_000;
const ZONE = 'Asia/Shanghai';
const DATE = '2026-12-02';

const CONDITIONS: readonly Condition[] = [
  { v: 1, any: [{ cat: 'rain' }, { cat: 'snow' }] },
  { v: 1, any: [{ cat: 'rain', minSev: 2 }, { tMinBelow: 0 }, { tMaxAbove: 35 }] },
  { v: 1, all: [{ cat: 'rain' }, { windAtLeast: 5, when: 'day' }] },
  { v: 1, any: [{ tDrop: 8, of: 'max', vs: 'today' }, { textIn: ['沙尘暴', '冻雨'] }] },
];
const TEXTS = ['晴', '多云', '小雨', '中雨', '雷阵雨', '暴雨-大暴雨', '小雪', '雾'];

const forecastOf = (date: string, number: number): DayForecast => ({
  ...{ date, week: '3', dayweather: TEXTS[number % 8] ?? '', nightweather: TEXTS[(number + 3) % 8] ?? '' },
  ...{ daytemp: String(number % 35), nighttemp: String((number % 35) - 8) },
  ...{ daywind: '东', nightwind: '东', daypower: '4', nightpower: '≤3' },
});

/** Decides about a million subscriptions at their due time, on one core. */
export function evaluation() {
  const places = allPlaces();
  const now = wallTimeInstant('2026-12-01', '20:00', ZONE);
  const forecasts = places.map((_, number) => ({
    ...{ fetchedAt: now - 60_000, days: [forecastOf('2026-12-01', number + 2), forecastOf(DATE, number)] },
  }));
  let sent = 0;
  const began = performance.now();
  for (let number = 0; number < SUBSCRIPTIONS; number++) {
    const occurrence: Occurrence = {
      settings: {
        ...{ createdAt: 0, mode: 'alert', condition: CONDITIONS[number % CONDITIONS.length] as Condition },
        ...{ at: '20:00', tz: ZONE, holidays: 'keep', lateWindowMs: 10_800_000, correction: true },
        ...{ changedAt: 0, paused: false },
      },
      ...{ date: DATE, placeZone: ZONE, now, forecast: forecasts[number % forecasts.length] },
      ...{ refreshedAt: now - 60_000, deliveries: [] },
    };
    if (decideOccurrence(occurrence).step === 'deliver') sent++;
  }
  const seconds = (performance.now() - began) / 1_000;
  return { subscriptions: SUBSCRIPTIONS, sent, perSecond: Math.round(SUBSCRIPTIONS / seconds) };
}
