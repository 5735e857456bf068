import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { beijingDay } from '../../domain/weather/beijing-time.ts';
import {
  addCounts,
  type BatchResult,
  NO_COUNTS,
  type RefreshCounts,
} from '../../domain/weather/refresh-run.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { type CallResults, callProvider, latestReservation } from './call-provider.ts';
import {
  callsOverBudget,
  orderByTries,
  type ProviderCall,
  releaseUnusedCalls,
  retryPauseMs,
  retryStore,
  splitRetryable,
} from './call-retries.ts';
import { storeAnswers } from './store-answers.ts';
import { readStoredDays } from './store-days.ts';
import type { WeatherDeps } from './weather-deps.ts';

/**
 * The number of calls that are reserved, made and stored together. If a worker exits, at most this many of a batch are
 * repeated.
 */
const CHUNK_CALLS = 25;

export interface BatchTask {
  readonly adcodes: readonly string[];
  /** The workflow id, which is stored in the rows of `freshness`. */
  readonly run: string;
  /** Calls available for retries, beyond those needed for one attempt at each place. Absent: no limit. */
  readonly spareCalls?: number | undefined;
  /** The last day (`yyyy-mm-dd`) for which calls may be reserved. Absent: no limit. */
  readonly day?: string | undefined;
}

/** The progress of a batch. Sent with each heartbeat, so that the next attempt continues from here. */
export interface BatchCursor {
  readonly left: readonly ProviderCall[];
  readonly counts: RefreshCounts;
}

/**
 * Fetches the places of a batch and stores the changed days. Continues from the point at which an earlier attempt
 * stopped. Every call is reserved in the store before it is made; reservations of an attempt that crashed count as
 * used. Retries never use calls that are needed for the first attempt at another place.
 */
export function refreshBatch(
  deps: WeatherDeps,
  { adcodes, run, day, spareCalls = Number.POSITIVE_INFINITY }: BatchTask,
): Promise<BatchResult> {
  const { store, provider, clock, circuitBreakers, budgetStore } = deps;
  const breaker = circuitBreakers.of(Context.current().info.workflowExecution?.runId ?? run);
  const needed = splitIntoCalls(adcodes, provider.placesPerCall);
  let cursor: BatchCursor = (Context.current().info.heartbeatDetails as BatchCursor | undefined) ?? {
    ...{ left: needed, counts: NO_COUNTS },
  };
  return withHeartbeat(
    () => ({ left: cursor.left.map(({ adcodes, tries }) => ({ adcodes, tries })), counts: cursor.counts }),
    async (signal) => {
      const today = beijingDay(clock());
      const places = cursor.left.flatMap((call) => call.adcodes);
      const stored = await retryStore(() => readStoredDays(store, places, today, signal), signal);
      const storeAndAdvance = async (
        results: CallResults,
        laterCalls: readonly ProviderCall[],
      ): Promise<void> => {
        const { retryable, failedForGood } = splitRetryable(results.failures);
        const waiting = [...laterCalls, ...results.missed];
        const left = orderByTries(waiting, retryable);
        const overBudget = callsOverBudget(
          left,
          needed.length + spareCalls - cursor.counts.calls - results.newlyReserved,
        );
        const failures = [...failedForGood, ...retryable.filter(({ call }) => overBudget.has(call))];
        const skipped = [...results.skipped, ...waiting.filter((call) => overBudget.has(call))];
        const about = { run, today, signal };
        const counts = await storeAnswers(deps, { ...results, failures, skipped }, stored, about);
        cursor = {
          left: left.filter((call) => !overBudget.has(call)),
          counts: addCounts(cursor.counts, { ...counts, calls: results.newlyReserved }),
        };
      };
      await breaker.probeFirst(async () => {
        // If the first call missed its start time, it was not made, and the state of the provider is still unknown.
        // Then the loop makes another call.
        for (let made = false; !made && cursor.left.length > 0; ) {
          await breaker.waitUntilCallsAllowed(signal);
          const results = await callProvider(deps, breaker, cursor.left.slice(0, 1), signal, day);
          made = results.missed.length === 0;
          await storeAndAdvance({ ...results, missed: [] }, [...results.missed, ...cursor.left.slice(1)]);
        }
      });
      while (cursor.left.length > 0 && breaker.stopped === undefined) {
        await breaker.waitUntilCallsAllowed(signal);
        const size = breaker.isFailing ? 1 : CHUNK_CALLS;
        const [chunk, laterCalls] = [cursor.left.slice(0, size), cursor.left.slice(size)];
        const pause = retryPauseMs(Math.max(...chunk.map(({ tries }) => tries)));
        if (pause > 0) await sleep(pause, undefined, { signal });
        await storeAndAdvance(await callProvider(deps, breaker, chunk, signal, day), laterCalls);
      }
      const { stopped } = breaker;
      const { reserved, reservedFor } = latestReservation(cursor.left);
      const calls =
        cursor.counts.calls - (await releaseUnusedCalls(budgetStore, reserved, reservedFor, signal));
      const unused = needed.length + spareCalls - calls;
      return {
        counts: { ...cursor.counts, calls },
        ...(Number.isFinite(unused) ? { spareCalls: Math.max(0, Math.min(spareCalls, unused)) } : {}),
        ...(stopped === undefined ? {} : { stopped }),
      };
    },
  );
}

function splitIntoCalls(adcodes: readonly string[], placesPerCall: number): ProviderCall[] {
  const calls: ProviderCall[] = [];
  for (let from = 0; from < adcodes.length; from += placesPerCall)
    calls.push({ adcodes: adcodes.slice(from, from + placesPerCall), tries: 0 });
  return calls;
}
