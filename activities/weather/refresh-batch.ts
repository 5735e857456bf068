import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { beijingDay } from '../../domain/weather/beijing-time.ts';
import { addCounts, type BatchResult, NO_COUNTS, type RefreshCounts } from '../../domain/weather/refresh.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { type Ask, askAgain, giveBack, inTurn, leftOut, pauseBefore, untilStored } from './ask-again.ts';
import { type Asked, askChunk, countedLast } from './ask-chunk.ts';
import type { WeatherDeps } from './ports.ts';
import { storeAnswers } from './store-answers.ts';
import { readStoredDays } from './store-days.ts';

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
  readonly left: readonly Ask[];
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
  const { store, provider, clock, gates, book } = deps;
  const gate = gates.of(Context.current().info.workflowExecution?.runId ?? run);
  const needed = inCalls(adcodes, provider.placesPerCall);
  let cursor: BatchCursor = (Context.current().info.heartbeatDetails as BatchCursor | undefined) ?? {
    ...{ left: needed, counts: NO_COUNTS },
  };
  return withHeartbeat(
    () => ({ left: cursor.left.map(({ adcodes, tries }) => ({ adcodes, tries })), counts: cursor.counts }),
    async (signal) => {
      const today = beijingDay(clock());
      const places = cursor.left.flatMap((ask) => ask.adcodes);
      const stored = await untilStored(() => readStoredDays(store, places, today, signal), signal);
      const finish = async (asked: Asked, rest: readonly Ask[]): Promise<void> => {
        const { again, lost } = askAgain(asked.failures);
        const waiting = [...rest, ...asked.missed];
        const left = inTurn(waiting, again);
        const out = leftOut(left, needed.length + spareCalls - cursor.counts.calls - asked.calls);
        const failures = [...lost, ...again.filter(({ ask }) => out.has(ask))];
        const skipped = [...asked.skipped, ...waiting.filter((ask) => out.has(ask))];
        const about = { run, today, signal };
        const counts = await storeAnswers(deps, { ...asked, failures, skipped }, stored, about);
        cursor = {
          left: left.filter((ask) => !out.has(ask)),
          counts: addCounts(cursor.counts, { ...counts, calls: asked.calls }),
        };
      };
      await gate.proven(async () => {
        // Its instant may pass before it is made: then nothing is known yet.
        for (let made = false; !made && cursor.left.length > 0; ) {
          await gate.calm(signal);
          const asked = await askChunk(deps, gate, cursor.left.slice(0, 1), signal, day);
          made = asked.missed.length === 0;
          await finish({ ...asked, missed: [] }, [...asked.missed, ...cursor.left.slice(1)]);
        }
      });
      while (cursor.left.length > 0 && gate.stopped === undefined) {
        await gate.calm(signal);
        const size = gate.failing ? 1 : CHUNK_CALLS;
        const [chunk, rest] = [cursor.left.slice(0, size), cursor.left.slice(size)];
        const pause = pauseBefore(Math.max(...chunk.map(({ tries }) => tries)));
        if (pause > 0) await sleep(pause, undefined, { signal });
        await finish(await askChunk(deps, gate, chunk, signal, day), rest);
      }
      const { stopped } = gate;
      const { counted, countedOn } = countedLast(cursor.left);
      const calls = cursor.counts.calls - (await giveBack(book, counted, countedOn, signal));
      const unused = needed.length + spareCalls - calls;
      return {
        counts: { ...cursor.counts, calls },
        ...(Number.isFinite(unused) ? { spareCalls: Math.max(0, Math.min(spareCalls, unused)) } : {}),
        ...(stopped === undefined ? {} : { stopped }),
      };
    },
  );
}

function inCalls(adcodes: readonly string[], placesPerCall: number): Ask[] {
  const asks: Ask[] = [];
  for (let from = 0; from < adcodes.length; from += placesPerCall)
    asks.push({ adcodes: adcodes.slice(from, from + placesPerCall), tries: 0 });
  return asks;
}
