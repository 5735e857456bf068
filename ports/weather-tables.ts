import { declareTable } from './table.ts';

/**
 * A place's forecast for one day. The columns have the names of the original weather service. Times are in RFC 3339,
 * UTC. If the `hash` of a row changes, the whole row is written, so that the change event has all columns. Otherwise
 * nothing is written. `revision` counts the changes from 0.
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

/**
 * When each place was last checked, and the outcome. Staleness is computed from this table, because unchanged
 * forecasts are not written.
 */
export const freshnessTable = declareTable({
  name: 'freshness',
  key: { adcode: 'text' },
  columns: {
    ...{ checked: 'text', outcome: 'text', code: 'text', provider: 'text', run: 'text' },
    /** The last success: when, by which provider, and the report time. `provider` is the provider of the last check. */
    ...{ succeeded: 'text', succeededby: 'text', issued: 'text' },
    /** The number of consecutive runs in which the provider had no forecast. */
    empties: 'integer',
  },
});

/**
 * For each provider: the number of calls, and the time of the next possible call. A writer changes a row only if the
 * row's `version` has not changed since it was read (optimistic lock).
 */
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
