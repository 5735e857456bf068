import type { Client } from '@temporalio/client';
import { type RequestHandler, Router } from 'express';
import type { Reads } from './bounded-reads.ts';
import { readBudgets } from './budgets.ts';
import type { components, operations } from './openapi-types.ts';
import { listRefreshRuns } from './refresh-runs.ts';
import type { RunCursors } from './run-cursor.ts';
import { within } from './within.ts';

type Query = NonNullable<operations['listRefreshRuns']['parameters']['query']>;

/** Longer than the calls that it makes one after the other. */
const DEADLINE_MS = 3_000;

/** The routes of runs, which only some may see. */
export function runRoutes(deps: {
  readonly client: Client;
  readonly store: Reads;
  readonly cursors: RunCursors;
  readonly onlyHolders: RequestHandler;
}): Router {
  const { client, store, cursors, onlyHolders } = deps;
  const router = Router();
  router.get('/v1/refresh-runs', onlyHolders, async (req, res) => {
    const { limit = 20, cursor } = req.query as Query;
    const work = async (signal: AbortSignal) => {
      const [runs, budget] = await Promise.all([
        client.withAbortSignal(signal, () => listRefreshRuns(client, cursors, { limit, cursor })),
        readBudgets(store, signal),
      ]);
      return { ...runs, budget };
    };
    const body: components['schemas']['RefreshRunPage'] = await within(res, work, DEADLINE_MS);
    res.set('Cache-Control', 'no-store').json(body);
  });
  return router;
}
