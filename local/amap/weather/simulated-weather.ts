import { placeOf } from '../../../domain/catalogue/catalogue.ts';
import { amapProvince } from '../../../domain/weather/amap-protocol.ts';
import { dayNumberOf, MINUTE_MS, timeText } from '../beijing-days.ts';
import { ChangeShares, issueNumberAt, issueTime } from './forecast-issues.ts';
import { Reissues } from './reissues.ts';
import { randomOf } from './seeded-choice.ts';
import { type AmapDayForecast, simulateDayForecast } from './simulated-day-forecast.ts';

/** A forecast in AMap's format. */
export interface AmapForecast {
  readonly city: string;
  readonly adcode: string;
  readonly province: string;
  readonly reporttime: string;
  readonly casts: readonly AmapDayForecast[];
}

/** Offsets of the forecast days: today and the next three days. */
const DAYS = [0, 1, 2, 3];

/** How often the `reporttime` of a city advances, even if its forecast does not change. */
const REPORT_MS = 20 * MINUTE_MS;

/**
 * Simulated weather of the whole catalogue. The weather is the same for the same city, day and instant, also after a
 * restart, except for changes on demand.
 */
export class SimulatedWeather {
  readonly changeShares = new ChangeShares();
  readonly #reissues = new Reissues();

  /** Returns undefined if `adcode` is not valid. */
  forecast(adcode: string, at: number): AmapForecast | undefined {
    const place = placeOf(adcode);
    if (place === undefined) return undefined;
    const issue = issueNumberAt(at);
    const today = dayNumberOf(at);
    return {
      city: place.name,
      adcode,
      province: amapProvince(place.path[0] ?? ''),
      reporttime: timeText(this.#reportedAt(adcode, at, issue)),
      casts: DAYS.map((ahead) => {
        const day = today + ahead;
        const changes =
          this.changeShares.countChanges(adcode, day, issue) + this.#reissues.changes(adcode, day);
        return simulateDayForecast(adcode, day, changes);
      }),
    };
  }

  /** Changes the forecasts of these cities now. `ahead` holds days, counted from today. */
  reissue(adcodes: readonly string[], ahead: readonly number[], at: number): void {
    const today = dayNumberOf(at);
    this.#reissues.add({ at, adcodes, days: ahead.map((days) => today + days) });
  }

  /** Chooses a share of the cities. The random choice is different for each reissue. */
  chooseAdcodes(adcodes: readonly string[], share: number): string[] {
    return this.#reissues.choose(adcodes, share);
  }

  #reportedAt(adcode: string, at: number, issue: number): number {
    const offset = Math.floor(randomOf('report', adcode)() * REPORT_MS);
    const lastAdvanceAt = Math.floor((at - offset) / REPORT_MS) * REPORT_MS + offset;
    return Math.max(lastAdvanceAt, issueTime(issue), this.#reissues.lastReissueAt(adcode));
  }
}
