import { beijingWallClock } from '../../domain/weather/beijing-time.ts';
import { keptDays } from '../../domain/weather/changed-rows.ts';
import type { PlaceForecast } from '../../domain/weather/forecast.ts';
import type { Failure } from '../../domain/weather/provider-failure.ts';
import type { RefreshCounts } from '../../domain/weather/refresh.ts';
import type { Asked } from './ask-chunk.ts';
import type { WeatherDeps } from './ports.ts';
import { storeDays } from './store-days.ts';
import { type Checked, storeFreshness } from './store-freshness.ts';
import type { StoredDays } from './stored-days.ts';
import { untilStored } from './until-stored.ts';

const CONTENDED: Failure = {
  ...{ class: 'transient', code: 'contended', reason: 'its rows changed again and again meanwhile' },
};

const OUTDATED: Failure = {
  ...{ class: 'transient', code: 'outdated', reason: 'all of its days are over' },
};

/** Stores what some calls gave: the days that changed, and how each place came off. However long the store is away. */
export async function storeAnswers(
  { store, provider, clock, log }: WeatherDeps,
  { answers, failures, skipped }: Pick<Asked, 'answers' | 'failures' | 'skipped'>,
  stored: StoredDays,
  { run, today, signal }: { readonly run: string; readonly today: string; readonly signal: AbortSignal },
): Promise<Omit<RefreshCounts, 'calls'>> {
  const nowMs = clock();
  const at = new Date(nowMs).toISOString();
  const compared = { today, now: beijingWallClock(nowMs) };
  const forecasts: PlaceForecast[] = [];
  const checked: Checked[] = [];
  const failed: Record<string, number> = {};
  const fail = (adcode: string, failure: Failure): void => {
    checked.push({ adcode, outcome: 'failed', failure });
    failed[failure.class] = (failed[failure.class] ?? 0) + 1;
  };
  for (const answer of answers) {
    const { adcode } = answer;
    if (answer.outcome === 'refused') fail(adcode, answer.failure);
    else if (answer.outcome === 'empty') checked.push({ adcode, outcome: 'empty' });
    else if (keptDays(answer.forecast, today) === 0) fail(adcode, OUTDATED);
    else {
      forecasts.push(answer.forecast);
      checked.push({ adcode, outcome: 'fresh', reporttime: answer.forecast.reporttime });
    }
  }
  for (const { ask, failure } of failures) for (const adcode of ask.adcodes) fail(adcode, failure);
  const tally = { written: 0 };
  const contended = await untilStored(
    () => storeDays(store, forecasts, stored, tally, { at: compared, fetched: at, signal }),
    signal,
  );
  const kept = forecasts.filter(({ adcode }) => !contended.has(adcode));
  const settled = checked.filter(({ adcode }) => !contended.has(adcode));
  for (const adcode of contended) {
    log.warn({ adcode }, 'its rows could not be written: somebody else goes on writing them');
    settled.push({ adcode, outcome: 'failed', failure: CONTENDED });
    failed.transient = (failed.transient ?? 0) + 1;
  }
  await untilStored(() => storeFreshness(store, settled, { provider: provider.id, run, at, signal }), signal);
  return {
    failed,
    fresh: kept.length,
    empty: checked.filter(({ outcome }) => outcome === 'empty').length,
    skipped: skipped.reduce((sum, { adcodes }) => sum + adcodes.length, 0),
    written: tally.written,
    unchanged: Math.max(
      0,
      kept.reduce((sum, forecast) => sum + keptDays(forecast, today), 0) - tally.written,
    ),
  };
}
