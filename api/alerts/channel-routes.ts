import { type Request, Router } from 'express';
import { channelsTable } from '../../ports/alert-tables.ts';
import type { ColumnChanges } from '../../ports/table-store.ts';
import type { components, operations } from '../openapi-types.ts';
import { invalidFields } from '../problem.ts';
import { withDeadline } from '../with-deadline.ts';
import {
  checkSettings,
  requireNoKeyword,
  resealSettings,
  sealSettings,
  settingsOf,
} from './channel-settings.ts';
import { requireNoSubscriptions } from './channel-subscriptions.ts';
import { type ChannelFields, checkChannelFields } from './check-channel.ts';
import { type KnownRequest, performOnce } from './perform-once.ts';
import { readJsonBody, readNoFields } from './read-json-body.ts';
import { readPage } from './read-page.ts';
import type { AlertRouteDeps } from './route-deps.ts';
import { changeRow, isVersion, rowEtag } from './row-versions.ts';
import { sendRow } from './send-row.ts';
import {
  type ChannelRow,
  channelView,
  disabledText,
  isChannel,
  repairText,
  requireChannel,
} from './stored-channel.ts';
import { testChannel } from './test-channel.ts';

type ListQuery = NonNullable<operations['listChannels']['parameters']['query']>;

/**
 * The timeout of two slow requests: the deletion of a channel reads all subscriptions, and the test of a channel waits
 * for the sender.
 */
const SLOW_MS = 14_000;

/** The HTTP routes of channels. */
export function channelRoutes(deps: AlertRouteDeps): Router {
  const { store, channelKinds, tokens } = deps;
  const router = Router();

  router.post('/v1/channels', tokens.toChange, async (req, res) => {
    const body = await readJsonBody(req);
    const { fields, problems } = checkChannelFields(body, Object.keys(channelKinds));
    if (problems.length > 0) throw invalidFields(problems);
    const { kind = '', name, locale = 'zh', ownerChannelId } = fields;
    const row = await withDeadline(res, async (signal) => {
      // These checks come before `performOnce`, because a refused request must not be remembered.
      checkSettings(deps, kind, settingsOf(fields));
      requireNoKeyword(kind, fields);
      await requireOwner(deps, ownerChannelId, undefined, signal);
      const channelIdOf = ({ ulid }: KnownRequest): string => `${kind}-${ulid}`;
      const request = await performOnce(deps, req, { body, signal }, async (known) => {
        const channelId = channelIdOf(known);
        const now = BigInt(known.firstAt);
        const columns = {
          ...{ kind, locale, version: 1n, createdat: now, changedat: now },
          ...sealSettings(deps, channelId, settingsOf(fields)),
          ...(name == null ? {} : { name }),
          ...(ownerChannelId == null ? {} : { ownerchannelid: ownerChannelId }),
        };
        await store.put(channelsTable, { channelId }, columns, { when: { row: 'absent' }, signal });
      });
      return requireChannel(store, channelIdOf(request), signal);
    });
    res.status(201).set('Location', `/v1/channels/${row.key.channelId}`);
    sendRow(res, channelView(row), rowEtag(row.columns));
  });

  router.get('/v1/channels', tokens.toRead, async (req, res) => {
    const { limit, cursor } = req.query as ListQuery;
    const { rows, next } = await withDeadline(res, (signal) =>
      readPage(store, channelsTable, { signal }, { limit, cursor, accepts: isChannel, isFiltered: false }),
    );
    const body: components['schemas']['ChannelPage'] = { items: rows.map(channelView), next };
    res.set('Cache-Control', 'no-store').json(body);
  });

  router.get('/v1/channels/:id', tokens.toRead, async (req, res) => {
    const row = await withDeadline(res, (signal) => requireChannel(store, idOf(req), signal));
    sendRow(res, channelView(row), rowEtag(row.columns));
  });

  router.patch('/v1/channels/:id', tokens.toChange, async (req, res) => {
    const { fields, problems } = checkChannelFields(await readJsonBody(req), undefined);
    if (problems.length > 0) throw invalidFields(problems);
    const row = await withDeadline(res, async (signal) => {
      await requireOwner(deps, fields.ownerChannelId, idOf(req), signal);
      await changeRow(
        req,
        () => requireChannel(store, idOf(req), signal),
        (stored) => {
          const when = { row: 'exists', columns: isVersion(stored.columns.version) } as const;
          return store.update(channelsTable, stored.key, changesOf(deps, fields, stored), { when, signal });
        },
      );
      return requireChannel(store, idOf(req), signal);
    });
    sendRow(res, channelView(row), rowEtag(row.columns));
  });

  router.delete('/v1/channels/:id', tokens.toChange, async (req, res) => {
    await withDeadline(
      res,
      (signal) =>
        changeRow(
          req,
          () => requireChannel(store, idOf(req), signal),
          async ({ key, columns }) => {
            await requireNoSubscriptions(store, key.channelId, signal);
            const when = { row: 'exists', columns: isVersion(columns.version) } as const;
            return store.delete(channelsTable, key, { when, signal });
          },
        ),
      SLOW_MS,
    );
    res.status(204).end();
  });

  router.post('/v1/channels/:id/test', tokens.toChange, async (req, res) => {
    await readNoFields(req);
    const body = await withDeadline(res, (signal) => testChannel(deps, req, idOf(req), signal), SLOW_MS);
    res.set('Cache-Control', 'no-store').json(body);
  });
  return router;
}

const idOf = (req: Request): string => String(req.params.id);

/** The owner must be another channel that exists and is not disabled. A disabled owner would get no notice. */
async function requireOwner(
  { store }: AlertRouteDeps,
  ownerChannelId: string | null | undefined,
  channelId: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (ownerChannelId == null) return;
  const owner = await store.get(channelsTable, { channelId: ownerChannelId }, { signal });
  const isOther = isChannel(owner) && ownerChannelId !== channelId;
  const disabled = isOther ? disabledText(owner.columns) : undefined;
  if (isOther && disabled === undefined) return;
  const detail = isOther
    ? `ownerChannelId names a channel that ${disabled}; ${repairText(ownerChannelId)}`
    : 'ownerChannelId must be the id of another channel';
  throw invalidFields([{ name: 'ownerChannelId', detail }]);
}

/** Returns the changes of a channel's row that a request asks for. */
function changesOf(
  deps: AlertRouteDeps,
  fields: ChannelFields,
  stored: ChannelRow,
): ColumnChanges<typeof channelsTable.columns> {
  const settings = resealSettings(deps, stored, fields);
  const { name, locale, ownerChannelId } = fields;
  // New settings may repair a channel that was disabled.
  const isEnabled = settings !== undefined || fields.disabled === false;
  return {
    set: {
      ...(name == null ? {} : { name }),
      ...(locale === undefined ? {} : { locale }),
      ...(ownerChannelId == null ? {} : { ownerchannelid: ownerChannelId }),
      ...settings,
      ...{ version: (stored.columns.version ?? 0n) + 1n, changedat: BigInt(deps.clock()) },
    },
    remove: [
      ...(name === null ? (['name'] as const) : []),
      ...(ownerChannelId === null ? (['ownerchannelid'] as const) : []),
      ...(isEnabled ? (['disabledat', 'disabledcode', 'disabledbecause'] as const) : []),
    ],
  };
}
