import type { Client } from '@temporalio/client';
import { type RequestHandler, Router } from 'express';
import { freeTierLimits } from '../domain/weather/providers.ts';
import { budgetsTable } from '../ports/weather-tables.ts';
import type { StoreReads } from './bounded-reads.ts';
import type { components, operations } from './openapi-types.ts';
import { listRefreshRuns } from './refresh-runs.ts';
import type { RunCursors } from './run-cursor.ts';
import { withDeadline } from './with-deadline.ts';

type Query = NonNullable<operations['listRefreshRuns']['parameters']['query']>;

/** Longer than the sum of the timeouts of the calls that are made in sequence. */
const LIST_TIMEOUT_MS = 3_000;

/** The HTTP routes of refresh runs. They require a token. */
export function runRoutes(deps: {
  readonly client: Client;
  readonly store: StoreReads;
  readonly cursors: RunCursors;
  readonly tokenRequired: RequestHandler;
}): Router {
  const { client, store, cursors, tokenRequired } = deps;
  const router = Router();
  router.get('/v1/refresh-runs', tokenRequired, async (req, res) => {
    const { limit = 20, cursor } = req.query as Query;
    const work = async (signal: AbortSignal) => {
      const [runs, budget] = await Promise.all([
        client.withAbortSignal(signal, () => listRefreshRuns(client, cursors, { limit, cursor })),
        readBudgets(store, signal),
      ]);
      return { ...runs, budget };
    };
    const body: components['schemas']['RefreshRunPage'] = await withDeadline(res, work, LIST_TIMEOUT_MS);
    res.set('Cache-Control', 'no-store').json(body);
  });
  return router;
}

type Budget = components['schemas']['Budget'];

/** Reads the budget of every provider that was ever called. */
async function readBudgets(store: StoreReads, signal: AbortSignal): Promise<Budget[]> {
  const keys = Object.keys(freeTierLimits).map((provider) => ({ provider }));
  const rows = await store.getMany(budgetsTable, keys, { signal });
  return rows.flatMap((row): Budget[] => {
    if (row === undefined) return [];
    const { day = '', daycalls = 0n, month = '', monthcalls = 0n, persecond = null } = row.columns;
    const { nextat, closeduntil, closedbecause = '' } = row.columns;
    return [
      {
        ...{ provider: row.key.provider, day, dayCalls: Number(daycalls) },
        ...{ month, monthCalls: Number(monthcalls), perSecond: persecond },
        nextCallAt: nextat === undefined ? null : timeOf(nextat),
        closed: closeduntil === undefined ? null : { until: timeOf(closeduntil), because: closedbecause },
      },
    ];
  });
}

const timeOf = (epochMs: bigint): string => new Date(Number(epochMs)).toISOString();
