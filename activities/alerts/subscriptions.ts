import { lateWindowMs } from '../../domain/alerts/check-subscription.ts';
import { isTimeZone, isWallTime } from '../../domain/alerts/local-time.ts';
import type { SubscriptionSettings } from '../../domain/alerts/occurrence.ts';
import { type SubscriptionDocument, subscriptionSettings } from '../../domain/alerts/subscription.ts';
import type { Locale } from '../../domain/alerts/text/alert-message.ts';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import type { PartialColumnValues } from '../../ports/table.ts';
import type { TableStore } from '../../ports/table-store.ts';
import type { AlertDeps } from './alert-deps.ts';

/** One page of subscriptions is in memory at a time. */
const PAGE_ROWS = 500;

export interface StoredSubscription {
  readonly subscriptionId: string;
  readonly channelId: string;
  readonly settings: SubscriptionSettings;
  readonly locale: Locale;
  readonly text: SubscriptionDocument['text'];
}

/**
 * The maximum number of parsed documents that are kept while a place is read. Most subscribers choose one of a few
 * documents.
 */
const MAX_DOCUMENTS = 1_000;

/**
 * Yields the subscriptions of a place in pages, also paused and deleted ones. If the document of a row cannot be
 * read, leaves out the row and logs its id. So such a row does not hold back the other subscriptions.
 */
export async function* subscriptionPages(
  { store, log }: { readonly store: Pick<TableStore, 'range'>; readonly log: AlertDeps['log'] },
  adcode: string,
  signal: AbortSignal,
): AsyncIterable<StoredSubscription[]> {
  const documents = new Map<string, ChosenSettings | undefined>();
  let page: StoredSubscription[] = [];
  for await (const { key, columns } of store.range(subscriptionsTable, { prefix: { adcode }, signal })) {
    const { channelid, document } = columns;
    // Rows of other programs have no document.
    if (channelid === undefined || document === undefined) continue;
    if (!documents.has(document)) {
      if (documents.size >= MAX_DOCUMENTS) documents.clear();
      documents.set(document, readDocument(document));
    }
    const chosen = documents.get(document);
    const { subscriptionId } = key;
    if (chosen === undefined)
      log.warn({ subscriptionId }, 'A subscription cannot be read: its document is invalid');
    else page.push({ subscriptionId, channelId: channelid, ...withState(chosen, columns) });
    if (page.length < PAGE_ROWS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** After this time, all messages of a deleted subscription are closed. */
const DELETED_KEPT_MS = 3 * 24 * 60 * 60_000;

/** Deletes the rows of subscriptions of this page that were deleted three days before `now` (epoch ms), or earlier. */
export async function removeDeleted(
  store: Pick<TableStore, 'writeMany'>,
  adcode: string,
  page: readonly StoredSubscription[],
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const isOld = ({ settings: { deletedAt } }: StoredSubscription): boolean =>
    deletedAt !== undefined && deletedAt <= now - DELETED_KEPT_MS;
  const writes = page.filter(isOld).map(({ subscriptionId }) => ({
    ...{ key: { adcode, subscriptionId }, do: 'delete' as const },
  }));
  if (writes.length > 0) await store.writeMany(subscriptionsTable, writes, { signal });
}

type SubscriptionColumns = PartialColumnValues<(typeof subscriptionsTable)['columns']>;

interface ChosenSettings {
  readonly document: SubscriptionDocument;
  readonly lateWindowMs: number;
}

/** Returns undefined if the text is not a document that a subscriber can have chosen. */
function readDocument(text: string): ChosenSettings | undefined {
  try {
    const document = JSON.parse(text) as SubscriptionDocument;
    const windowMs = lateWindowMs(document);
    const isUsable = isWallTime(document.at) && isTimeZone(document.tz) && !Number.isNaN(windowMs);
    return isUsable ? { document, lateWindowMs: windowMs } : undefined;
  } catch {
    return undefined;
  }
}

function withState({ document, lateWindowMs: windowMs }: ChosenSettings, columns: SubscriptionColumns) {
  const { createdat = 0n, movedat = 0n, changedat = createdat } = columns;
  const { paused = false, muteduntil, deletedat } = columns;
  const state = {
    createdAt: Number(createdat > movedat ? createdat : movedat),
    changedAt: Number(changedat),
    paused,
    deletedAt: deletedat === undefined ? undefined : Number(deletedat),
    mutedUntil: muteduntil === undefined ? undefined : Number(muteduntil),
  };
  const { locale, text } = document;
  return { locale, text, settings: subscriptionSettings(document, windowMs, state) };
}
