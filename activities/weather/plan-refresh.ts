import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import type { Place } from '../../domain/catalogue/place.ts';
import { messageOf } from '../../domain/errors.ts';
import { type CallBudget, slotAllowance } from '../../domain/weather/call-budget.ts';
import { planBatches } from '../../domain/weather/plan-batches.ts';
import type { RefreshPlan } from '../../domain/weather/refresh-run.ts';
import { refreshSlotsLeftToday } from '../../domain/weather/refresh-slots.ts';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import { freshnessTable } from '../../ports/weather-tables.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { retryStore } from './call-retries.ts';
import type { WeatherDeps } from './weather-deps.ts';

/**
 * For this long, a place without data at the provider comes last. After this time the place is tried in the normal
 * order again, because the provider may have data now.
 */
const UNSUPPORTED_FOR_MS = 7 * 24 * 3_600_000;

/** Decides which places the run of this refresh slot fetches: all, or as many as the budget allows. */
export function planRefresh(deps: WeatherDeps): Promise<RefreshPlan> {
  return withHeartbeat(
    () => undefined,
    async (signal) => {
      await tryToCreateMissingTables(deps);
      return retryStore(() => createPlan(deps, signal), signal);
    },
  );
}

/**
 * Creates missing tables on the first run. If this fails, logs a warning. The activities that need a missing table fail
 * later.
 */
async function tryToCreateMissingTables({ createMissingTables, log }: WeatherDeps): Promise<void> {
  try {
    const tables = await createMissingTables();
    if (tables.length > 0) log.warn({ tables }, 'created missing tables');
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'could not check whether all tables exist');
  }
}

async function createPlan(
  { store, provider, limits, budgetStore, clock }: WeatherDeps,
  signal: AbortSignal,
): Promise<RefreshPlan> {
  const places = allPlaces().filter((place) => provider.keyedBy === 'adcode' || hasCoordinates(place));
  const nowMs = clock();
  const budget = await budgetStore.readBudget(signal);
  // The time of the next call decides to which day and month the budget applies.
  const atMs = Math.max(nowMs, budget.nextAtMs);
  const allowance = slotAllowance(budget, limits, { slotsLeft: refreshSlotsLeftToday(atMs), atMs });
  const subscribed = new Set<string>();
  for await (const { key, columns } of store.range(subscriptionsTable, { signal }))
    if (columns.deletedat === undefined) subscribed.add(key.adcode);
  const checked = new Map<string, { checked: string; unsupported: boolean }>();
  const columns = ['checked', 'outcome', 'provider'] as const;
  for await (const { key, columns: last } of store.range(freshnessTable, { columns, signal }))
    checked.set(key.adcode, {
      checked: last.checked ?? '',
      unsupported:
        last.outcome === 'unsupported' &&
        last.provider === provider.id &&
        Date.parse(last.checked ?? '') > nowMs - UNSUPPORTED_FOR_MS,
    });
  const known = places.map(({ adcode, level }) => ({
    ...{ adcode, level, subscribed: subscribed.has(adcode), checked: '', unsupported: false },
    ...checked.get(adcode),
  }));
  const batches = planBatches(known, allowance * provider.placesPerCall, provider.placesPerCall);
  const needed = batches.reduce((sum, batch) => sum + Math.ceil(batch.length / provider.placesPerCall), 0);
  return {
    ...{ provider: provider.id, batches, known: known.length },
    ...(Number.isFinite(allowance)
      ? { allowance, day: budget.day, spareCalls: Math.max(0, allowance - needed) }
      : { allowance: null }),
    note: noteOf(budget, provider.id, {
      allowance,
      needed: Math.ceil(known.length / provider.placesPerCall),
    }),
  };
}

function noteOf(
  { closed }: CallBudget,
  provider: string,
  { allowance, needed }: { allowance: number; needed: number },
): string {
  if (closed !== undefined)
    return `${provider} accepts no calls before ${new Date(closed.untilMs).toISOString()}: ${closed.because}`;
  return allowance < needed
    ? `the budget allows ${allowance} calls for this slot, but all places need ${needed}`
    : '';
}

const hasCoordinates = ({ latitude, longitude }: Place): boolean =>
  latitude !== undefined && longitude !== undefined;
