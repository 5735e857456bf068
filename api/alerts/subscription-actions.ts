import { type Request, type Response, Router } from 'express';
import { lateWindowEnd, startOfDay } from '../../domain/alerts/local-time.ts';
import { isObject, shortJson } from '../../domain/event-pattern/pattern-error.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { deliveriesTable, type subscriptionsTable } from '../../ports/alert-tables.ts';
import type { ColumnChanges } from '../../ports/table-store.ts';
import { invalidFields, Problem } from '../problem.ts';
import { withDeadline } from '../with-deadline.ts';
import { changeSubscription } from './change-subscription.ts';
import { contentOf, evaluateNow } from './current-alert.ts';
import { type KnownRequest, performOnce } from './perform-once.ts';
import { previewOf } from './preview.ts';
import { readJsonBody, readNoFields } from './read-json-body.ts';
import type { AlertRouteDeps } from './route-deps.ts';
import { rowEtag } from './row-versions.ts';
import { sendRow } from './send-row.ts';
import { requireChannel, requireEnabled } from './stored-channel.ts';
import { type DeliveryRow, deliveryView, dueColumns } from './stored-delivery.ts';
import { requireSubscription, subscriptionView } from './stored-subscription.ts';
import { CHANGE_TIMEOUT_MS } from './subscription-routes.ts';

/** The HTTP routes of what can be done with a subscription. */
export function subscriptionActions(deps: AlertRouteDeps): Router {
  const { store, clock, tokens } = deps;
  const router = Router();

  router.get('/v1/subscriptions/:id/preview', tokens.toRead, async (req, res) => {
    const body = await withDeadline(res, async (signal) => {
      const row = await requireSubscription(store, idOf(req), signal);
      const now = clock();
      return previewOf(await evaluateNow(store, row, now, signal), row, now);
    });
    res.set('Cache-Control', 'no-store').json(body);
  });

  const changeState = async (
    [req, res]: readonly [Request, Response],
    body: unknown,
    change: ColumnChanges<typeof subscriptionsTable.columns>,
  ): Promise<void> => {
    const row = await withDeadline(
      res,
      async (signal) => {
        const { key } = await requireSubscription(store, idOf(req), signal);
        const { isRepeated } = await performOnce(deps, req, { body, signal }, async () => {
          await changeSubscription(deps, req, signal, () => change);
        });
        // The first request may have failed before it signalled the run.
        if (isRepeated) await deps.signals.subscriptionChanged(key.adcode, signal);
        return requireSubscription(store, idOf(req), signal);
      },
      CHANGE_TIMEOUT_MS,
    );
    sendRow(res, subscriptionView(row), rowEtag(row.columns));
  };

  router.post('/v1/subscriptions/:id/pause', tokens.toChange, async (req, res) => {
    await readNoFields(req);
    await changeState([req, res], undefined, { set: { paused: true } });
  });
  router.post('/v1/subscriptions/:id/resume', tokens.toChange, async (req, res) => {
    await readNoFields(req);
    await changeState([req, res], undefined, { set: { paused: false }, remove: ['muteduntil'] });
  });
  router.post('/v1/subscriptions/:id/mute', tokens.toChange, async (req, res) => {
    const body = await readJsonBody(req);
    const until = muteEnd(body, clock());
    const change =
      until === null ? { remove: ['muteduntil'] as const } : { set: { muteduntil: BigInt(until) } };
    await changeState([req, res], body, change);
  });

  router.post('/v1/subscriptions/:id/send-now', tokens.toChange, async (req, res) => {
    await readNoFields(req);
    const row = await withDeadline(res, (signal) => sendNow(deps, req, signal), CHANGE_TIMEOUT_MS);
    res.status(202).set('Cache-Control', 'no-store').json(deliveryView(row));
  });
  return router;
}

const idOf = (req: Request): string => String(req.params.id);

const DAY_MS = 24 * 60 * 60_000;
const MAX_MUTED_MS = 366 * DAY_MS;

/** Reads the body `{until}`, a time or null. Returns the instant in epoch ms, or null. */
function muteEnd(body: unknown, now: number): number | null {
  const { until, ...others } = isObject(body) ? body : {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw invalidFields([
      { name: unknown, detail: `${shortJson(unknown)} is an unknown field; allowed: until` },
    ]);
  if (until === null) return null;
  const instant = typeof until === 'string' ? parseTimestampMs(until) : undefined;
  if (instant !== undefined && instant > now && instant <= now + MAX_MUTED_MS) return instant;
  const allowed = 'a time in the next 366 days, such as 2026-11-22T20:00:00+08:00, or null to end this';
  const shown = until === undefined ? 'missing' : shortJson(until);
  throw invalidFields([{ name: 'until', detail: `until is ${shown}; allowed: ${allowed}` }]);
}

/** Writes a due row about the day that a preview shows, also if the condition is not true. */
async function sendNow(deps: AlertRouteDeps, req: Request, signal: AbortSignal): Promise<DeliveryRow> {
  const { store, signals, clock } = deps;
  const row = await requireSubscription(store, idOf(req), signal);
  const { channelId, key } = row;
  requireEnabled(await requireChannel(store, channelId, signal));
  const alert = await evaluateNow(store, row, clock(), signal);
  const { date, placeZone, settings, evaluation } = alert;
  if (startOfDay(date, placeZone) <= clock())
    throw new Problem(
      'conflict',
      `the subscription is only for ${date}; messages about a day are sent only before the day begins`,
    );
  const content = contentOf(alert, row);
  if (content === undefined || evaluation === undefined)
    throw new Problem('forecast-not-available', `no forecast of ${key.adcode} for ${date} is stored yet`);
  const keyOf = ({ ulid }: KnownRequest) => ({
    channelId,
    deliveryId: `${date}.${key.subscriptionId}.now-${ulid}`,
  });
  const request = await performOnce(deps, req, { body: undefined, signal }, async (known) => {
    const now = clock();
    const columns = dueColumns({
      ...{ now, until: lateWindowEnd(date, now, settings.lateWindowMs, placeZone), date, content },
      subscription: { ...key, decision: evaluation.decision },
    });
    await store.put(deliveriesTable, keyOf(known), columns, { when: { row: 'absent' }, signal });
  });
  await signals.wakeSender(channelId, signal);
  const written = await store.get(deliveriesTable, keyOf(request), { signal });
  if (written === undefined) throw new Problem('delivery-not-found', 'the delivery is no longer kept');
  return written;
}
