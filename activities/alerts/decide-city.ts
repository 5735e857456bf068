import { decideOccurrence } from '../../domain/alerts/decide-occurrence.ts';
import { deliveryId } from '../../domain/alerts/delivery.ts';
import { correctionWindows, dueInstant } from '../../domain/alerts/local-time.ts';
import type { Occurrence, OccurrenceStep } from '../../domain/alerts/occurrence.ts';
import { sendTime } from '../../domain/alerts/send-time.ts';
import { placeOf } from '../../domain/catalogue/catalogue.ts';
import { PLACE_ZONE } from '../../domain/temporal-contract.ts';
import { deliveriesTable } from '../../ports/alert-tables.ts';
import { type NewestPlaceForecast, readNewestForecast } from '../../runtime/newest-forecast.ts';
import type { AlertDeps } from './alert-deps.ts';
import { type LedgerRow, toDelivery } from './ledger.ts';
import { ledgerWrite, writeLedger } from './ledger-writes.ts';
import { lateNotice, noDataNotice, notifyOwner } from './notify-owner.ts';
import { removeDeleted, type StoredSubscription, subscriptionPages } from './subscriptions.ts';

/**
 * While a row of the ledger waits for its sender, the run looks again after this time, to learn whether the message has
 * been sent. After it was sent, a changed forecast can need a correction.
 */
const LOOK_AGAIN_MS = 5 * 60_000;

/** The place and day of a run. Instants are in epoch ms. */
export interface CityTask {
  readonly adcode: string;
  /** The day of the forecast, `yyyy-mm-dd`. */
  readonly date: string;
  /** When the task was created. */
  readonly now: number;
  /** When the place was last refreshed for this day, also without success. Undefined: never. */
  readonly refreshedAt?: number | undefined;
}

/**
 * What a run of a place does next. This result has no list of subscriptions, because there can be any number of them.
 */
export interface CityDecision {
  /** Decide again at this instant (epoch ms). Absent: nothing is left to do. */
  readonly wakeAt?: number;
  /** Ask the provider now. */
  readonly refresh: boolean;
  /** True if a change of the forecast can lead to a message now. */
  readonly watchesForecast: boolean;
  /** The number of subscriptions that need another decision for this day. */
  readonly open: number;
  /**
   * The run may continue as new before `wakeAt`. Absent in results of earlier versions, whose histories must replay.
   */
  readonly mayContinueEarly?: true;
}

/**
 * Decides about all subscriptions of a place and day, with the newest forecast. Writes to the ledger what is due, and
 * why something is not sent. Then wakes the senders. A repetition finds the rows and writes nothing twice.
 */
export async function decideCity(
  deps: AlertDeps,
  task: CityTask,
  signal: AbortSignal,
): Promise<CityDecision> {
  const now = Math.max(task.now, deps.clock());
  const forecast = await readNewestForecast(deps.store, task.adcode, task.date, signal);
  const context = { ...task, now, forecast, placeZone: placeOf(task.adcode)?.timeZone ?? PLACE_ZONE };
  let decision = NOTHING_LEFT;
  for await (const page of subscriptionPages(deps, task.adcode, signal)) {
    decision = merged(decision, await decidePage(deps, context, page, signal));
    await removeDeleted(deps.store, task.adcode, page, now, signal);
  }
  return { ...decision, mayContinueEarly: true };
}

interface CityContext extends CityTask {
  readonly forecast: NewestPlaceForecast | undefined;
  readonly placeZone: string;
}

const merged = (one: CityDecision, other: CityDecision): CityDecision => ({
  refresh: one.refresh || other.refresh,
  watchesForecast: one.watchesForecast || other.watchesForecast,
  open: one.open + other.open,
  ...earliest(one.wakeAt, other.wakeAt),
});

const earliest = (...instants: readonly (number | undefined)[]): { wakeAt?: number } => {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? {} : { wakeAt: Math.min(...known) };
};

async function decidePage(
  deps: AlertDeps,
  context: CityContext,
  page: readonly StoredSubscription[],
  signal: AbortSignal,
): Promise<CityDecision> {
  const { store, runs } = deps;
  const { date, now } = context;
  const keys = page.flatMap(({ channelId, subscriptionId }) =>
    [false, true].map((correction) => ({
      channelId,
      deliveryId: deliveryId(date, subscriptionId, correction),
    })),
  );
  const stored = await store.getMany(deliveriesTable, keys, { signal });
  const decided = page.map((subscription, index) => {
    const rows = stored.slice(2 * index, 2 * index + 2).filter((row) => row !== undefined);
    const occurrence: Occurrence = {
      ...{ settings: subscription.settings, date, placeZone: context.placeZone, now },
      ...{ forecast: context.forecast, refreshedAt: context.refreshedAt, deliveries: rows.map(toDelivery) },
    };
    const step = decideOccurrence(occurrence);
    const write = ledgerWrite(step, { ...context, subscription, rows });
    return { subscription, step, write, rows, occurrence };
  });
  // The notice comes before the row. If the row came first and the notice failed, a repetition would find the row and
  // send no notice.
  const channelsWith = (name: OccurrenceStep['step']): ReadonlySet<string> =>
    new Set(
      decided.filter(({ step }) => step.step === name).map(({ subscription }) => subscription.channelId),
    );
  for (const channelId of channelsWith('no_data'))
    await notifyOwner(deps, channelId, noDataNotice(context), now, signal);
  for (const channelId of channelsWith('expire'))
    await notifyOwner(deps, channelId, lateNotice(context), now, signal);
  await writeLedger(
    deps,
    decided.flatMap(({ write }) => write ?? []),
    signal,
  );
  const wakes = new Map<string, { channelId: string; at: number }>();
  for (const { step, subscription, rows } of decided) {
    const { channelId } = subscription;
    const at = senderTime(step, channelId, rows, now);
    if (at !== undefined) wakes.set(`${channelId} ${at}`, { channelId, at });
  }
  for (const { channelId, at } of wakes.values()) await runs.wakeSender(channelId, at, signal);
  return decided.map(({ step, occurrence }) => decisionOf(step, occurrence)).reduce(merged, NOTHING_LEFT);
}

const NOTHING_LEFT: CityDecision = { refresh: false, watchesForecast: false, open: 0 };

/** Returns when the sender of a due row must look at it; undefined if no row is due. */
function senderTime(
  step: OccurrenceStep,
  channelId: string,
  rows: readonly LedgerRow[],
  now: number,
): number | undefined {
  const created = { channelId, createdAt: now };
  if (step.step === 'deliver')
    return sendTime({ ...created, kind: 'first', dueAt: now - step.lateMs, until: step.wakeAt });
  if (step.step === 'correct')
    return sendTime({ ...created, kind: 'correction', dueAt: now, until: step.wakeAt });
  // An earlier attempt may have written the row without waking the sender.
  const due = rows.find(({ columns }) => columns.status === 'due');
  if (step.step !== 'wait' || due === undefined) return undefined;
  const { dueat = 0n, createdat = 0n, until = 0n } = due.columns;
  const kind = toDelivery(due).correction ? 'correction' : 'first';
  const stored = { dueAt: Number(dueat), createdAt: Number(createdat), until: Number(until) };
  return sendTime({ channelId, kind, ...stored });
}

function decisionOf(step: OccurrenceStep, occurrence: Occurrence): CityDecision {
  const wakeAt = wakeTime(step, occurrence);
  if (wakeAt === undefined) return NOTHING_LEFT;
  const { date, settings, placeZone, now } = occurrence;
  const watchesForecast = now >= dueInstant(date, settings, placeZone);
  return { refresh: step.step === 'refresh', watchesForecast, open: 1, wakeAt };
}

function wakeTime(step: OccurrenceStep, occurrence: Occurrence): number | undefined {
  if (!('wakeAt' in step) || step.wakeAt === undefined) return undefined;
  const { date, settings, placeZone, now, deliveries } = occurrence;
  if (step.step === 'deliver' && !settings.correction) return step.wakeAt;
  if (step.step === 'deliver' || step.step === 'correct') {
    const due = dueInstant(date, settings, placeZone);
    // The run needs only one timer, for the end of the last correction window. It does not wake at `step.wakeAt`, because
    // the sender itself closes rows that are too late.
    return Math.max(step.wakeAt, ...correctionWindows(date, due, settings, placeZone).map(({ to }) => to));
  }
  const isWaiting = deliveries.some(({ status }) => status === 'due' || status === 'claimed');
  return step.step === 'wait' && isWaiting ? Math.min(step.wakeAt, now + LOOK_AGAIN_MS) : step.wakeAt;
}
