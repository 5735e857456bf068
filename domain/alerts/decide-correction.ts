import { isDecisionFlip } from './decision-flip.ts';
import type { Decision } from './evaluate-condition.ts';
import { evaluateDay, evaluateOccurrence } from './evaluate-occurrence.ts';
import { correctionWindows, type Period } from './local-time.ts';
import type { Delivery, Occurrence, OccurrenceStep } from './occurrence.ts';
import { quietPeriodAt } from './sending-days.ts';

const CLOSED: OccurrenceStep = { step: 'closed', reason: 'done' };

/** Decides whether a message, or its absence, needs a correction now. `first` is the row of the message. */
export function decideCorrection(occurrence: Occurrence, first: Delivery, due: number): OccurrenceStep {
  const { settings, now } = occurrence;
  const windows = windowsOf(occurrence, due);
  const end = windows.at(-1)?.to ?? due;
  if (settings.deletedAt !== undefined || now >= end) return CLOSED;
  // The next step depends on the outcome of the sender.
  if (first.status === 'claimed') return { step: 'wait', wakeAt: end };
  const delivered = canBeCorrected(first) ? deliveredDecision(occurrence, first) : undefined;
  if (!settings.correction || delivered === undefined) return CLOSED;
  const allowedAt = nextAllowed(occurrence, windows);
  if (allowedAt === undefined) return CLOSED;
  const { evaluation, isStale } = evaluateOccurrence(occurrence, now);
  const isUsable = evaluation !== undefined && !isStale && evaluation.result !== 'unknown';
  // A new forecast or new settings cause another decision, so without a flip the occurrence waits until the end. If the
  // forecast is not usable, the occurrence looks again earlier, because the forecast can become usable without such a
  // change.
  if (isUsable && !isDecisionFlip(delivered, evaluation.decision)) return { step: 'wait', wakeAt: end };
  if (allowedAt > now) return { step: 'wait', wakeAt: allowedAt };
  const windowEnd = windows.find(({ to }) => now < to)?.to ?? end;
  const next = windows.find(({ from }) => from > now)?.from ?? end;
  if (settings.paused || !isUsable) return { step: 'wait', wakeAt: next };
  const change = evaluation.result === true ? 'added' : 'withdrawn';
  return { step: 'correct', change, evaluation, wakeAt: windowEnd };
}

/** A message that may have been sent is corrected like one that was sent. */
const canBeCorrected = ({ status, reason }: Delivery): boolean =>
  status === 'sent' || status === 'unknown' || (status === 'skipped' && reason === 'no_match');

/**
 * Returns the decision that a correction is compared with. If the subscription was changed after the message was decided, the
 * delivered forecast is evaluated with the new settings: only another forecast leads to a correction, not another condition.
 */
function deliveredDecision(occurrence: Occurrence, first: Delivery): Decision | undefined {
  if (first.decision === undefined || occurrence.settings.changedAt <= first.dueAt) return first.decision;
  return first.forecast && evaluateDay(occurrence, first.forecast).decision;
}

const windowsOf = ({ settings, date, placeZone }: Occurrence, due: number): readonly Period[] =>
  correctionWindows(date, due, settings, placeZone);

/** Returns the next instant, from now on, at which a correction may be sent. Undefined: none is left. */
function nextAllowed({ settings, now }: Occurrence, windows: readonly Period[]): number | undefined {
  const { quiet, tz, mutedUntil = now } = settings;
  for (const window of windows) {
    const begin = Math.max(now, window.from, mutedUntil);
    const allowed = quietPeriodAt(begin, quiet, tz)?.to ?? begin;
    if (allowed < window.to) return allowed;
  }
  return undefined;
}

/**
 * Returns the end of the window in which a correction became due. Undefined if this window is over. Then the correction
 * is not sent, because the forecast may be another one.
 */
export const endOfItsWindow = (
  occurrence: Occurrence,
  { dueAt }: Delivery,
  due: number,
): number | undefined =>
  windowsOf(occurrence, due).find(({ from, to }) => from <= dueAt && dueAt < to && occurrence.now < to)?.to;
