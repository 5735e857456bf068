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
import { type CallResults, callProvider, lastCountedCalls } from './call-provider.ts';
import {
  callsOverBudget,
  orderByTries,
  type ProviderCall,
  retryPauseMs,
  retryStore,
  returnUnusedCalls,
  splitRetryable,
} from './call-retries.ts';
import { storeAnswers } from './store-answers.ts';
import { readStoredDays } from './store-days.ts';
import type { WeatherDeps } from './weather-deps.ts';

/** Calls that are set aside, made and stored together: as much is fetched twice when a worker dies. */
const CHUNK_CALLS = 25;

export interface BatchTask {
  readonly adcodes: readonly string[];
  /** The workflow's id, which the rows of `freshness` name. */
  readonly run: string;
  /** Calls beyond one for each place, or for as many as a call is for; absent: as many as one likes. */
  readonly spareCalls?: number | undefined;
  /** The last day (`yyyy-mm-dd`) for which calls are set aside; absent: no last one. */
  readonly day?: string | undefined;
}

/** How far a batch is: told with each heartbeat, so that the next attempt goes on from here. */
export interface BatchCursor {
  readonly left: readonly ProviderCall[];
  readonly counts: RefreshCounts;
}

/**
 * Fetches the places of a batch and stores what changed, going on where an attempt before this one was. Every call is
 * set aside on disk before it is made, and what a dead attempt had set aside stays used. No call is made again at the
 * cost of a place that was not asked for yet.
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
      const places = cursor.left.flatMap((ask) => ask.adcodes);
      const stored = await retryStore(() => readStoredDays(store, places, today, signal), signal);
      const finish = async (asked: CallResults, rest: readonly ProviderCall[]): Promise<void> => {
        const { again, lost } = splitRetryable(asked.failures);
        const waiting = [...rest, ...asked.missed];
        const left = orderByTries(waiting, again);
        const overBudget = callsOverBudget(
          left,
          needed.length + spareCalls - cursor.counts.calls - asked.calls,
        );
        const failures = [...lost, ...again.filter(({ ask }) => overBudget.has(ask))];
        const skipped = [...asked.skipped, ...waiting.filter((ask) => overBudget.has(ask))];
        const about = { run, today, signal };
        const counts = await storeAnswers(deps, { ...asked, failures, skipped }, stored, about);
        cursor = {
          left: left.filter((ask) => !overBudget.has(ask)),
          counts: addCounts(cursor.counts, { ...counts, calls: asked.calls }),
        };
      };
      await breaker.probeFirst(async () => {
        // Its instant may pass before it is made: then nothing is known yet.
        for (let made = false; !made && cursor.left.length > 0; ) {
          await breaker.waitUntilClosed(signal);
          const asked = await callProvider(deps, breaker, cursor.left.slice(0, 1), signal, day);
          made = asked.missed.length === 0;
          await finish({ ...asked, missed: [] }, [...asked.missed, ...cursor.left.slice(1)]);
        }
      });
      while (cursor.left.length > 0 && breaker.stopped === undefined) {
        await breaker.waitUntilClosed(signal);
        const size = breaker.isFailing ? 1 : CHUNK_CALLS;
        const [chunk, rest] = [cursor.left.slice(0, size), cursor.left.slice(size)];
        const pause = retryPauseMs(Math.max(...chunk.map(({ tries }) => tries)));
        if (pause > 0) await sleep(pause, undefined, { signal });
        await finish(await callProvider(deps, breaker, chunk, signal, day), rest);
      }
      const { stopped } = breaker;
      const { counted, countedOn } = lastCountedCalls(cursor.left);
      const calls = cursor.counts.calls - (await returnUnusedCalls(budgetStore, counted, countedOn, signal));
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
  const asks: ProviderCall[] = [];
  for (let from = 0; from < adcodes.length; from += placesPerCall)
    asks.push({ adcodes: adcodes.slice(from, from + placesPerCall), tries: 0 });
  return asks;
}
