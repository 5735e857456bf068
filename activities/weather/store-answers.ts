import { beijingWallClock } from '../../domain/weather/beijing-time.ts';
import { countCurrentDays } from '../../domain/weather/changed-days.ts';
import type { PlaceForecast } from '../../domain/weather/forecast.ts';
import type { ProviderFailure } from '../../domain/weather/provider-failure.ts';
import type { RefreshCounts } from '../../domain/weather/refresh-run.ts';
import type { RowWrite, TableStore } from '../../ports/table-store.ts';
import { freshnessTable } from '../../ports/weather-tables.ts';
import type { CallResults } from './call-provider.ts';
import { retryStore } from './call-retries.ts';
import type { StoredDays } from './store-days.ts';
import { storeDays } from './store-days.ts';
import type { WeatherDeps } from './weather-deps.ts';

const CONTENDED: ProviderFailure = {
  ...{
    class: 'transient',
    code: 'contended',
    reason: 'its rows were changed by other writers in each attempt',
  },
};

const OUTDATED: ProviderFailure = {
  ...{ class: 'transient', code: 'outdated', reason: 'all days of the forecast are in the past' },
};

/**
 * Stores the results of calls: the changed days, and the outcome for each place. Retries while the store is
 * unavailable.
 */
export async function storeAnswers(
  { store, provider, clock, log }: WeatherDeps,
  { answers, failures, skipped }: Pick<CallResults, 'answers' | 'failures' | 'skipped'>,
  stored: StoredDays,
  { run, today, signal }: { readonly run: string; readonly today: string; readonly signal: AbortSignal },
): Promise<Omit<RefreshCounts, 'calls'>> {
  const nowMs = clock();
  const at = new Date(nowMs).toISOString();
  const comparisonTime = { today, now: beijingWallClock(nowMs) };
  const forecasts: PlaceForecast[] = [];
  const checked: CheckedPlace[] = [];
  const failed: Record<string, number> = {};
  const fail = (adcode: string, failure: ProviderFailure): void => {
    checked.push({ adcode, outcome: 'failed', failure });
    failed[failure.class] = (failed[failure.class] ?? 0) + 1;
  };
  for (const answer of answers) {
    const { adcode } = answer;
    if (answer.outcome === 'failed') fail(adcode, answer.failure);
    else if (answer.outcome === 'empty') checked.push({ adcode, outcome: 'empty' });
    else if (countCurrentDays(answer.forecast, today) === 0) fail(adcode, OUTDATED);
    else {
      forecasts.push(answer.forecast);
      checked.push({ adcode, outcome: 'fresh', reporttime: answer.forecast.reporttime });
    }
  }
  for (const { call, failure } of failures) for (const adcode of call.adcodes) fail(adcode, failure);
  const writeCount = { written: 0 };
  const contended = await retryStore(
    () => storeDays(store, forecasts, stored, writeCount, { comparisonTime, fetchedAt: at, signal }),
    signal,
  );
  const storedForecasts = forecasts.filter(({ adcode }) => !contended.has(adcode));
  const settled = checked.filter(({ adcode }) => !contended.has(adcode));
  for (const adcode of contended) {
    log.warn({ adcode }, 'could not write the rows of the place: another writer keeps changing them');
    settled.push({ adcode, outcome: 'failed', failure: CONTENDED });
    failed.transient = (failed.transient ?? 0) + 1;
  }
  await retryStore(() => storeFreshness(store, settled, { provider: provider.id, run, at, signal }), signal);
  return {
    failed,
    fresh: storedForecasts.length,
    empty: checked.filter(({ outcome }) => outcome === 'empty').length,
    skipped: skipped.reduce((sum, { adcodes }) => sum + adcodes.length, 0),
    written: writeCount.written,
    unchanged: Math.max(
      0,
      storedForecasts.reduce((sum, forecast) => sum + countCurrentDays(forecast, today), 0) -
        writeCount.written,
    ),
  };
}

/** After this many consecutive runs without data, the provider counts as not supporting the place. */
const UNSUPPORTED_AFTER_EMPTIES = 3n;

/** A checked place with its outcome. */
type CheckedPlace =
  | { readonly adcode: string; readonly outcome: 'fresh'; readonly reporttime: string }
  | { readonly adcode: string; readonly outcome: 'empty' }
  | { readonly adcode: string; readonly outcome: 'failed'; readonly failure: ProviderFailure };

type FreshnessWrite = RowWrite<typeof freshnessTable.key, typeof freshnessTable.columns>;

/** Stores when and with which outcome places were checked. If a check failed, the time of the last success stays. */
async function storeFreshness(
  store: TableStore,
  places: readonly CheckedPlace[],
  about: {
    readonly provider: string;
    readonly run: string;
    readonly at: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { signal } = about;
  const empty = places.filter(({ outcome }) => outcome === 'empty').map(({ adcode }) => ({ adcode }));
  const known = await store.getMany(freshnessTable, empty, {
    columns: ['empties', 'run', 'provider'],
    signal,
  });
  const empties = new Map(
    empty.map(({ adcode }, index) => {
      const { empties = 0n, run, provider } = known[index]?.columns ?? {};
      // Empty answers of another provider do not count for this provider.
      const before = provider === about.provider ? empties : 0n;
      // A retry within the same run does not count as another run.
      return [adcode, run === about.run ? empties : before + 1n] as const;
    }),
  );
  const writes = places.map((place) => freshnessWrite(place, empties.get(place.adcode) ?? 0n, about));
  const outcomes = await store.writeMany(freshnessTable, writes, { signal });
  for (const outcome of outcomes) if (outcome.outcome === 'failed') throw outcome.error;
}

function freshnessWrite(
  place: CheckedPlace,
  empties: bigint,
  { provider, run, at }: { readonly provider: string; readonly run: string; readonly at: string },
): FreshnessWrite {
  const common = { checked: at, provider, run };
  const key = { adcode: place.adcode };
  switch (place.outcome) {
    case 'fresh': {
      const success = { succeeded: at, succeededby: provider, issued: place.reporttime };
      const fresh = { outcome: 'fresh', ...success, empties: 0n };
      return { key, do: 'update', set: { ...common, ...fresh }, remove: ['code'] };
    }
    case 'empty': {
      const outcome = empties >= UNSUPPORTED_AFTER_EMPTIES ? 'unsupported' : 'empty';
      return { key, do: 'update', set: { ...common, outcome, empties }, remove: ['code'] };
    }
    default: {
      const { class: outcome, code } = place.failure;
      return { key, do: 'update', set: { ...common, outcome, code } };
    }
  }
}
