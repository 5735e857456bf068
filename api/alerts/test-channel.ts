import { setTimeout as wait } from 'node:timers/promises';
import type { Request } from 'express';
import { localDay } from '../../domain/alerts/local-time.ts';
import { testMessage } from '../../domain/alerts/text/test-message.ts';
import { PLACE_ZONE } from '../../domain/temporal-contract.ts';
import { deliveriesTable } from '../../ports/alert-tables.ts';
import type { components } from '../openapi-types.ts';
import { type KnownRequest, performOnce } from './perform-once.ts';
import type { AlertRouteDeps } from './route-deps.ts';
import { localeOf, meaningOf, requireChannel, requireEnabled } from './stored-channel.ts';
import { dueColumns } from './stored-delivery.ts';

/** A test that is not sent within this time is no longer useful. */
const VALID_MS = 10 * 60_000;

/** A request waits at most this long for the result of the sender. */
const WAIT_MS = 10_000;
/** The pause between two reads of the row. */
const LOOK_EVERY_MS = 200;

/** Sends a message to a channel, and waits for the result. */
export async function testChannel(
  deps: AlertRouteDeps,
  req: Request,
  channelId: string,
  signal: AbortSignal,
): Promise<components['schemas']['ChannelTest']> {
  const { store, signals } = deps;
  const channel = await requireChannel(store, channelId, signal);
  requireEnabled(channel);
  const keyOf = ({ ulid, firstAt }: KnownRequest) => ({
    channelId,
    deliveryId: `${localDay(firstAt, PLACE_ZONE)}.test.${ulid}`,
  });
  const request = await performOnce(deps, req, { body: undefined, signal }, async (known) => {
    const now = known.firstAt;
    const columns = dueColumns({
      ...{ now, until: now + VALID_MS, date: localDay(now, PLACE_ZONE) },
      content: { kind: 'text', ...testMessage(localeOf(channel)) },
    });
    await store.put(deliveriesTable, keyOf(known), columns, { when: { row: 'absent' }, signal });
  });
  const key = keyOf(request);
  await signals.wakeSender(channelId, signal);
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const row = await store.get(deliveriesTable, key, { signal });
    const { status = 'due', code, meaning } = row?.columns ?? {};
    const isFinal = status !== 'due' && status !== 'claimed';
    if (isFinal || deps.draining() || performance.now() >= end)
      return {
        status: status as components['schemas']['DeliveryStatus'],
        // The row of a sent message can still have the problem of an earlier attempt.
        ...(status === 'sent' || code === undefined ? {} : { code }),
        ...(status === 'sent' || meaning === undefined
          ? {}
          : { meaning: meaningOf(meaning) ?? { zh: '', en: '' } }),
      };
    await wait(LOOK_EVERY_MS, undefined, { signal });
  }
}
