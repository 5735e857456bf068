import { declareTable } from './table.ts';

/**
 * A place's forecast for one day, worded as the original's was; times in RFC 3339, UTC. A row is written only when its
 * `hash` changes, whole, so that its change event says everything; `revision` counts that from 0.
 */
export const weatherTable = declareTable({
  name: 'weather',
  key: { adcode: 'text', date: 'text' },
  columns: {
    ...{ province: 'text', city: 'text', reporttime: 'text', week: 'text' },
    ...{ dayweather: 'text', nightweather: 'text', daytemp: 'text', nighttemp: 'text' },
    ...{ daywind: 'text', nightwind: 'text', daypower: 'text', nightpower: 'text' },
    ...{ precipitationprobability: 'double', precipitationmm: 'double' },
    ...{ provider: 'text', hash: 'text', revision: 'integer', fetched: 'text' },
  },
});

/** When a place was checked last, and with what outcome: staleness is judged by this, since an unchanged row is not written. */
export const freshnessTable = declareTable({
  name: 'freshness',
  key: { adcode: 'text' },
  columns: {
    ...{ checked: 'text', outcome: 'text', code: 'text', provider: 'text', run: 'text' },
    /** When a forecast was there last, whose, and the provider's `reporttime` of it; `provider` was asked last. */
    ...{ succeeded: 'text', succeededby: 'text', issued: 'text' },
    /** Runs in a row in which the provider had nothing. */
    empties: 'integer',
  },
});

/** What was called of a provider, and when it may be called next; changed by compare-and-swap on `version`. */
export const budgetsTable = declareTable({
  name: 'budgets',
  key: { provider: 'text' },
  columns: {
    version: 'integer',
    ...{ day: 'text', daycalls: 'integer', month: 'text', monthcalls: 'integer' },
    ...{ nextat: 'integer', persecond: 'double', slowedat: 'integer' },
    ...{ closeduntil: 'integer', closedbecause: 'text' },
  },
});

/** Who wants to hear of a place; the planner needs to know of which places. */
export const subscriptionsTable = declareTable({
  name: 'subscriptions',
  key: { adcode: 'text', subscriptionId: 'text' },
  columns: {},
});
