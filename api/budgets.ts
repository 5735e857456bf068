import { freeLimits } from '../domain/weather/providers.ts';
import { budgetsTable } from '../ports/weather-tables.ts';
import type { Reads } from './bounded-reads.ts';
import type { components } from './openapi-types.ts';

type Budget = components['schemas']['Budget'];

/** What was called of each provider that was ever asked. `TableStore`'s errors. */
export async function readBudgets(store: Reads, signal: AbortSignal): Promise<Budget[]> {
  const keys = Object.keys(freeLimits).map((provider) => ({ provider }));
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
