import { beijingDay, endOfBeijingDay } from '../../domain/weather/beijing-time.ts';
import type { Failure } from '../../domain/weather/provider-failure.ts';
import type { WeatherDeps } from './ports.ts';
import { LONGEST_WAIT_MS, type RunGate } from './run-gate.ts';
import { untilStored } from './until-stored.ts';

/** After a complaint nobody calls for so long, at least, in ms; as much again at random. */
const RELIEF_MS = 400;
/** So many complaints in a row, or one that asks for a wait of so many ms, are worth a line in the log. */
const TOLD_COMPLAINTS = 10;
const TOLD_WAIT_MS = 2 * 60_000;

/**
 * Tells all workers at once what follows from a refusal: after a complaint everybody is slower, and waits as it asks;
 * a quota closes the provider until the day of the refused call has ended, a wait that no run is held up for until it
 * is over. `waitedMs` is what complaints before this one have asked for; undefined: there was none.
 */
export async function noteRefusal(
  { book, clock, log, provider }: WeatherDeps,
  { class: kind, code, reason, afterMs = 0 }: Failure,
  about: {
    readonly gate: RunGate;
    readonly day: string | undefined;
    readonly waitedMs: number | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { gate, day = beijingDay(clock()), waitedMs = -1, signal } = about;
  if (kind !== 'quota' && kind !== 'throttled') return;
  const isShort = kind === 'throttled' && afterMs <= LONGEST_WAIT_MS;
  const { complaints } = gate;
  if (
    kind === 'throttled' &&
    (complaints === TOLD_COMPLAINTS || (complaints === 1 && afterMs > TOLD_WAIT_MS))
  )
    log.warn({ provider: provider.id, code, complaints, afterMs }, `the run is held up: ${reason}`);
  if (isShort && afterMs > waitedMs) {
    const relief = RELIEF_MS * (1 + Math.random());
    await untilStored(() => book.slow(afterMs + relief, signal), signal);
  }
  const until = isShort ? 0 : kind === 'quota' ? endOfBeijingDay(day) : clock() + afterMs;
  if (until > clock()) await untilStored(() => book.close(until, `${code}: ${reason}`, signal), signal);
}
