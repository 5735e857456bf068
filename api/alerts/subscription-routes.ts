import { type Request, Router } from 'express';
import { checkSubscription, type FieldProblem } from '../../domain/alerts/check-subscription.ts';
import type { SubscriptionDocument } from '../../domain/alerts/subscription.ts';
import type { Locale } from '../../domain/alerts/text/alert-message.ts';
import { channelsTable, subscriptionsTable } from '../../ports/alert-tables.ts';
import type { components, operations } from '../openapi-types.ts';
import { invalidFields } from '../problem.ts';
import { withDeadline } from '../with-deadline.ts';
import { changeSubscription } from './change-subscription.ts';
import { type KnownRequest, performOnce } from './perform-once.ts';
import { readJsonBody } from './read-json-body.ts';
import { readPage } from './read-page.ts';
import type { AlertRouteDeps } from './route-deps.ts';
import { rowEtag } from './row-versions.ts';
import { sendRow } from './send-row.ts';
import { disabledText, isChannel, localeOf, repairText } from './stored-channel.ts';
import {
  asSubscription,
  requireSubscription,
  subscriptionKey,
  subscriptionView,
} from './stored-subscription.ts';

type ListQuery = NonNullable<operations['listSubscriptions']['parameters']['query']>;

/**
 * The timeout of a change, in ms. It is longer than the default, because a change calls the store and then Temporal.
 */
export const CHANGE_TIMEOUT_MS = 5_000;

/** The HTTP routes of subscriptions, without their actions. */
export function subscriptionRoutes(deps: AlertRouteDeps): Router {
  const { store, signals, clock, tokens } = deps;
  const router = Router();

  router.post('/v1/subscriptions', tokens.toChange, async (req, res) => {
    const body = await readJsonBody(req);
    const create = async (signal: AbortSignal) => {
      const channel = await findChannel(deps, body, signal);
      const checked = checkSubscription(body, { now: clock(), defaultLocale: channel.locale });
      const { adcode, channelId, document } = requireValid(checked, channel.problems);
      const keyOf = ({ ulid }: KnownRequest) => ({ adcode, subscriptionId: `${adcode}-${ulid}` });
      const request = await performOnce(deps, req, { body, signal }, async (known) => {
        const now = BigInt(clock());
        const columns = {
          ...{ channelid: channelId, document: JSON.stringify(document) },
          ...{ createdat: now, changedat: now, paused: false, version: 1n },
        };
        await store.put(subscriptionsTable, keyOf(known), columns, { when: { row: 'absent' }, signal });
      });
      await signals.subscriptionChanged(adcode, signal);
      return requireSubscription(store, keyOf(request).subscriptionId, signal);
    };
    const row = await withDeadline(res, create, CHANGE_TIMEOUT_MS);
    res.status(201).set('Location', `/v1/subscriptions/${row.key.subscriptionId}`);
    sendRow(res, subscriptionView(row), rowEtag(row.columns));
  });

  router.get('/v1/subscriptions', tokens.toRead, async (req, res) => {
    const { adcode, channelId, limit, cursor } = req.query as ListQuery;
    const { rows, next } = await withDeadline(res, (signal) =>
      readPage(
        store,
        subscriptionsTable,
        { signal, ...(adcode === undefined ? {} : { prefix: { adcode } }) },
        {
          ...{ limit, cursor, isFiltered: channelId !== undefined },
          accepts: (row) =>
            asSubscription(row) !== undefined &&
            (channelId === undefined || row.columns.channelid === channelId),
        },
      ),
    );
    const items = rows.flatMap((row) => asSubscription(row) ?? []).map(subscriptionView);
    const body: components['schemas']['SubscriptionPage'] = { items, next };
    res.set('Cache-Control', 'no-store').json(body);
  });

  router.get('/v1/subscriptions/:id', tokens.toRead, async (req, res) => {
    const row = await withDeadline(res, (signal) => requireSubscription(store, idOf(req), signal));
    sendRow(res, subscriptionView(row), rowEtag(row.columns));
  });

  router.patch('/v1/subscriptions/:id', tokens.toChange, async (req, res) => {
    const body = await readJsonBody(req);
    const change = async (signal: AbortSignal) => {
      const channel = await findChannel(deps, body, signal);
      return changeSubscription(deps, req, signal, (stored) => {
        const context = { now: clock(), defaultLocale: stored.document.locale };
        const { key, document: before } = stored;
        const checked = checkSubscription(body, {
          ...context,
          stored: { adcode: key.adcode, document: before },
        });
        const { channelId, document } = requireValid(checked, channel.problems);
        return {
          set: {
            document: JSON.stringify(document),
            ...(channelId === '' || channelId === stored.channelId
              ? {}
              : { channelid: channelId, movedat: BigInt(clock()) }),
          },
        };
      });
    };
    const row = await withDeadline(res, change, CHANGE_TIMEOUT_MS);
    sendRow(res, subscriptionView(row), rowEtag(row.columns));
  });

  router.delete('/v1/subscriptions/:id', tokens.toChange, async (req, res) => {
    const remove = async (signal: AbortSignal) => {
      const key = subscriptionKey(idOf(req));
      const stored = key && (await store.get(subscriptionsTable, key, { signal }));
      // An earlier request may have deleted the row, and failed before it signalled the run. The answer is still 404.
      if (stored?.columns.deletedat !== undefined)
        await signals.subscriptionChanged(stored.key.adcode, signal);
      const deletedat = BigInt(clock());
      await changeSubscription(deps, req, signal, () => ({ set: { deletedat } }), 'deleted');
    };
    await withDeadline(res, remove, CHANGE_TIMEOUT_MS);
    res.status(204).end();
  });
  return router;
}

const idOf = (req: Request): string => String(req.params.id);

/** Finds the channel that a request names. Its language is the default of the subscription. */
async function findChannel(
  { store }: AlertRouteDeps,
  body: unknown,
  signal: AbortSignal,
): Promise<{ readonly locale: Locale; readonly problems: readonly FieldProblem[] }> {
  const { channelId } = Object(body) as { channelId?: unknown };
  // Other values are reported by `checkSubscription`.
  if (typeof channelId !== 'string' || !/^[\w-]{1,100}$/.test(channelId))
    return { locale: 'zh', problems: [] };
  const row = await store.get(channelsTable, { channelId }, { signal });
  if (!isChannel(row)) {
    const detail = `channelId is "${channelId}"; allowed: the id of a channel, as in GET /v1/channels`;
    return { locale: 'zh', problems: [{ name: 'channelId', detail }] };
  }
  const disabled = disabledText(row.columns);
  // Nothing would ever be sent to it.
  const detail = `channelId is "${channelId}", which ${disabled}; ${repairText(channelId)}`;
  return {
    locale: localeOf(row),
    problems: disabled === undefined ? [] : [{ name: 'channelId', detail }],
  };
}

/** Throws a problem if the request has mistakes. `channelId` is '' if the request names no channel. */
function requireValid(
  { adcode = '', channelId = '', document, problems }: ReturnType<typeof checkSubscription>,
  more: readonly FieldProblem[],
): { readonly adcode: string; readonly channelId: string; readonly document: SubscriptionDocument } {
  const others = more.filter(({ name }) => problems.every((problem) => problem.name !== name));
  if (document === undefined || others.length > 0) throw invalidFields([...problems, ...others]);
  return { adcode, channelId, document };
}
