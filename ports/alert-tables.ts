import { declareTable } from './table.ts';

/**
 * Who subscribes to a place. A subscription's id is `<adcode>-<ulid>`. Instants are in epoch ms. A deleted
 * subscription keeps its row for three days, so that a message that is not yet sent can be cancelled. A later run of the
 * place deletes the row.
 */
export const subscriptionsTable = declareTable({
  name: 'subscriptions',
  key: { adcode: 'text', subscriptionId: 'text' },
  columns: {
    channelid: 'text',
    /** A `SubscriptionDocument` as JSON. */
    document: 'text',
    ...{ createdat: 'integer', changedat: 'integer', deletedat: 'integer' },
    /**
     * When the subscription got another channel. Messages that were due before this time belong to the earlier
     * channel.
     */
    movedat: 'integer',
    ...{ paused: 'boolean', muteduntil: 'integer' },
    /** Counts the changes. A writer changes a row only if the version has not changed since it was read. */
    version: 'integer',
  },
});

/**
 * Where messages go. Addresses and secrets are sealed. Instants are in epoch ms. A row `limit:<kind>:<hash>` is no
 * channel: it has the latest attempts of all channels with the same receiver.
 */
export const channelsTable = declareTable({
  name: 'channels',
  key: { channelId: 'text' },
  columns: {
    ...{ kind: 'text', name: 'text', locale: 'text', ownerchannelid: 'text' },
    /** A `ChannelSettings` as JSON, sealed: it has the address, the secret and the keyword. */
    sealed: 'text',
    /** The address without its secret parts, for people. */
    shownurl: 'text',
    ...{ createdat: 'integer', changedat: 'integer', version: 'integer' },
    /** Set if nothing is sent any more: when, the vendor's code, and its meaning as JSON `{zh, en}`. */
    ...{ disabledat: 'integer', disabledcode: 'text', disabledbecause: 'text' },
    /** The instants of the latest attempts, as a JSON array, and the end of a vendor's block. */
    ...{ attempts: 'text', blockeduntil: 'integer' },
  },
});

/**
 * The ledger: what is due, what was sent, and why something was not sent. Instants are in epoch ms.
 *
 * The id is `<date>.<subscriptionId>.0` for the message about a day, and `….1` for its correction. Messages that people
 * ask for have the ids `<date>.<subscriptionId>.now-<ulid>` and `<date>.test.<ulid>`. Messages to the owner of another
 * channel have the id `<date>.notice.<ulid>`. So the rows of a channel are in the order of their days.
 */
export const deliveriesTable = declareTable({
  name: 'deliveries',
  key: { channelId: 'text', deliveryId: 'text' },
  columns: {
    /** A `DeliveryStatus`. */
    status: 'text',
    /**
     * `reason` of a skipped row: a `SkipReason`. `code` and `meaning` of other rows: the code of the last problem, and
     * its meaning as JSON `{zh, en}`.
     */
    ...{ reason: 'text', code: 'text', meaning: 'text' },
    /** Empty in a row that is about no subscription. */
    ...{ subscriptionid: 'text', adcode: 'text', date: 'text' },
    /** When the message was due, and until when it may be sent. */
    ...{ dueat: 'integer', until: 'integer' },
    ...{ createdat: 'integer', changedat: 'integer' },
    /** What the message says: a `DeliveryContent` as JSON. */
    content: 'text',
    /** A `Decision` as JSON. Absent if no forecast was evaluated. */
    decision: 'text',
    /**
     * Set when a sender claims the row: the message that includes the row, which part of a long text this message is
     * (`1/2`), and when the sender claimed it.
     */
    ...{ messageid: 'text', part: 'text', claimedat: 'integer' },
    /** How often the message was sent, the next attempt, and when the receiver confirmed it. */
    ...{ tries: 'integer', retryat: 'integer', sentat: 'integer' },
    /** True if the receiver may have got the message twice. */
    maybeduplicate: 'boolean',
  },
});

/**
 * The requests with an Idempotency-Key. The id is a hash of the path and the key. `body` is a hash of the key and the
 * body. `createdat` is the instant of the first request in epoch ms. `done` is true when the effect of the request is
 * stored.
 */
export const requestsTable = declareTable({
  name: 'requests',
  key: { requestId: 'text' },
  columns: { body: 'text', createdat: 'integer', done: 'boolean' },
});
