import { Router } from 'express';
import { deliveriesTable, subscriptionsTable } from '../../ports/alert-tables.ts';
import type { components, operations } from '../openapi-types.ts';
import { Problem } from '../problem.ts';
import { withDeadline } from '../with-deadline.ts';
import { performOnce } from './perform-once.ts';
import { readNoFields } from './read-json-body.ts';
import { readPage } from './read-page.ts';
import { makeDueAgain } from './resend.ts';
import type { AlertRouteDeps } from './route-deps.ts';
import { requireChannel, requireEnabled } from './stored-channel.ts';
import { type DeliveryRow, deliveryView, requireDelivery } from './stored-delivery.ts';
import { subscriptionKey } from './stored-subscription.ts';

type ListQuery = NonNullable<operations['listDeliveries']['parameters']['query']>;

/** The HTTP routes of the ledger. */
export function deliveryRoutes(deps: AlertRouteDeps): Router {
  const { store, tokens, signals } = deps;
  const router = Router();

  router.get('/v1/deliveries', tokens.toRead, async (req, res) => {
    const { subscription, status, from, limit, cursor } = req.query as ListQuery;
    const page = await withDeadline(res, async (signal) => {
      const channelId = (req.query as ListQuery).channel ?? (await channelOf(deps, subscription, signal));
      const accepts = ({ columns }: DeliveryRow): boolean =>
        (subscription === undefined || columns.subscriptionid === subscription) &&
        (status === undefined || columns.status === status) &&
        (from === undefined || (columns.date ?? '') >= from);
      const range = {
        direction: 'backward',
        signal,
        ...(channelId === undefined ? {} : { prefix: { channelId } }),
        // The ids of a channel's rows begin with their days.
        ...(channelId === undefined || from === undefined ? {} : { to: { deliveryId: from } }),
      } as const;
      const isFiltered = subscription !== undefined || status !== undefined || from !== undefined;
      return readPage(store, deliveriesTable, range, { limit, cursor, accepts, isFiltered });
    });
    const body: components['schemas']['DeliveryPage'] = {
      items: page.rows.map(deliveryView),
      next: page.next,
    };
    res.set('Cache-Control', 'no-store').json(body);
  });

  router.post('/v1/deliveries/:id/resend', tokens.toChange, async (req, res) => {
    await readNoFields(req);
    const id = String(req.params.id);
    const row = await withDeadline(res, async (signal) => {
      const { key } = await requireDelivery(store, id, signal);
      await performOnce(deps, req, { body: undefined, signal }, async (request) => {
        requireEnabled(await requireChannel(store, key.channelId, signal));
        await makeDueAgain(deps, await requireDelivery(store, id, signal), request, signal);
      });
      await signals.wakeSender(key.channelId, signal);
      return requireDelivery(store, id, signal);
    });
    res.set('Cache-Control', 'no-store').json(deliveryView(row));
  });
  return router;
}

/**
 * Returns the channel that a subscription uses, because its deliveries are rows of this channel. This also works for a
 * deleted subscription, until its row is removed three days later.
 */
async function channelOf(
  { store }: AlertRouteDeps,
  subscriptionId: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (subscriptionId === undefined) return undefined;
  const key = subscriptionKey(subscriptionId);
  const row = key && (await store.get(subscriptionsTable, key, { columns: ['channelid'], signal }));
  if (row?.columns.channelid === undefined)
    throw new Problem(
      'subscription-not-found',
      `no subscription has the id ${JSON.stringify(subscriptionId)}`,
    );
  return row.columns.channelid;
}
