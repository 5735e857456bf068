import { setTimeout as sleep } from 'node:timers/promises';
import { Unavailable } from '../../domain/errors.ts';
import {
  budgetAt,
  type CallBudget,
  type CallLimits,
  type CallReservation,
  closeBudget,
  releaseCalls,
  reserveCalls,
  slowBudget,
} from '../../domain/weather/call-budget.ts';
import type { PartialColumnValues } from '../../ports/table.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { budgetsTable } from '../../ports/weather-tables.ts';

/**
 * The maximum number of attempts to write (optimistic lock). An attempt fails only if the budget was changed after this
 * attempt had read it.
 */
const MAX_ATTEMPTS = 50;

/** The call budget of one provider, in a table. Reserved calls stay reserved if the worker that reserved them exits. */
export class BudgetStore {
  readonly #store: TableStore;
  readonly #provider: string;
  readonly #limits: CallLimits;
  readonly #clock: () => number;

  constructor(store: TableStore, provider: string, limits: CallLimits, clock: () => number) {
    this.#store = store;
    this.#provider = provider;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Returns the budget as of now. Throws the errors of `TableStore`. */
  async readBudget(signal?: AbortSignal): Promise<CallBudget> {
    return budgetAt((await this.#read(signal)).budget, this.#limits, this.#clock());
  }

  /**
   * Reserves at most `wanted` calls; fewer or none if the budget does not have enough. `wanted` includes `reserved`
   * calls: they were reserved earlier, for the day `reservedFor`, but were not made at their start times. They get new
   * start times. The budget counts them again only if the new start times are on another day. Reserves nothing after
   * the day `until`.
   */
  reserve(
    wanted: number,
    reserved: number,
    {
      reservedFor,
      until,
      signal,
    }: { reservedFor?: string | undefined; until?: string | undefined; signal?: AbortSignal } = {},
  ): Promise<CallReservation> {
    return this.#change((budget, nowMs) => {
      const request = { wanted, reserved, reservedFor, until, nowMs };
      const { budget: next, grant } = reserveCalls(budget, this.#limits, request);
      return [next, grant];
    }, signal);
  }

  /**
   * Releases `calls` calls that were reserved for `day` and are not made: the budget no longer counts them. Resolves to
   * the number of released calls. No other calls get the start times of these calls. Do not retry after `Unavailable`:
   * the calls may already be released.
   */
  releaseCalls(calls: number, day: string, signal?: AbortSignal): Promise<number> {
    return this.#change((budget) => {
      const next = releaseCalls(budget, calls, day);
      return [next, budget.dayCalls - next.dayCalls];
    }, signal);
  }

  /**
   * Lowers the rate of calls for all workers, and allows no calls for `waitMs` (default 0), because the provider has
   * throttled a call.
   */
  slowDown(waitMs: number | undefined, signal?: AbortSignal): Promise<void> {
    return this.#change(
      (budget, nowMs) => [slowBudget(budget, this.#limits, nowMs, waitMs), undefined],
      signal,
    );
  }

  /** Stops all calls to the provider until `untilMs`. */
  closeProvider(untilMs: number, because: string, signal?: AbortSignal): Promise<void> {
    return this.#change((budget) => [closeBudget(budget, untilMs, because), undefined], signal);
  }

  /**
   * Undoes `closeProvider`. Changes nothing else in the budget. Resolves to the time until which the provider was
   * closed, and the reason; or to undefined if it was not closed.
   */
  reopenProvider(signal?: AbortSignal): Promise<CallBudget['closed']> {
    return this.#swap((known, nowMs) => {
      if (known?.closed === undefined || known.closed.untilMs <= nowMs) return [undefined, undefined];
      const { closed: closedState, ...open } = known;
      return [open, closedState];
    }, signal);
  }

  #change<T>(
    next: (budget: CallBudget, nowMs: number) => readonly [CallBudget, T],
    signal: AbortSignal | undefined,
  ): Promise<T> {
    return this.#swap((known, nowMs) => next(budgetAt(known, this.#limits, nowMs), nowMs), signal);
  }

  /**
   * Calls `next` with the stored budget, and writes the result. If the stored budget has changed meanwhile, starts
   * again with the new one. Writes nothing if `next` returns no budget.
   */
  async #swap<T>(
    next: (known: CallBudget | undefined, nowMs: number) => readonly [CallBudget | undefined, T],
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const key = { provider: this.#provider };
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { version, budget: known } = await this.#read(signal);
      const [budget, answer] = next(known, this.#clock());
      if (budget === undefined) return answer;
      const when =
        version === undefined
          ? ({ row: 'absent' } as const)
          : ({ columns: { column: 'version', is: '=', value: version, ifMissing: 'unmet' } } as const);
      const columns = columnsOf(budget, (version ?? 0n) + 1n);
      if ((await this.#store.put(budgetsTable, key, columns, { when, signal })) === 'written') return answer;
      await sleep(Math.random() * 20, undefined, signal === undefined ? {} : { signal });
    }
    throw new Unavailable(
      'BudgetContended',
      `the budget of ${this.#provider} changed during each of ${MAX_ATTEMPTS} attempts to update it`,
    );
  }

  async #read(signal: AbortSignal | undefined): Promise<{ version?: bigint; budget?: CallBudget }> {
    const row = await this.#store.get(budgetsTable, { provider: this.#provider }, { signal });
    if (row === undefined) return {};
    const { version, day, daycalls, month, monthcalls, nextat, persecond, slowedat } = row.columns;
    const { closeduntil, closedbecause } = row.columns;
    return {
      ...(version === undefined ? {} : { version }),
      budget: {
        ...{ day: day ?? '', dayCalls: Number(daycalls ?? 0n) },
        ...{ month: month ?? '', monthCalls: Number(monthcalls ?? 0n) },
        ...{ nextAtMs: Number(nextat ?? 0n), perSecond: persecond ?? this.#limits.perSecond },
        ...(slowedat === undefined ? {} : { slowedAtMs: Number(slowedat) }),
        ...(closeduntil === undefined
          ? {}
          : { closed: { untilMs: Number(closeduntil), because: closedbecause ?? '' } }),
      },
    };
  }
}

function columnsOf(budget: CallBudget, version: bigint): PartialColumnValues<typeof budgetsTable.columns> {
  const { day, dayCalls, month, monthCalls, nextAtMs, perSecond, slowedAtMs, closed: closedState } = budget;
  return {
    version,
    ...{ day, daycalls: BigInt(dayCalls), month, monthcalls: BigInt(monthCalls) },
    ...{ nextat: BigInt(Math.ceil(nextAtMs)), persecond: perSecond },
    ...(slowedAtMs === undefined ? {} : { slowedat: BigInt(slowedAtMs) }),
    ...(closedState === undefined
      ? {}
      : { closeduntil: BigInt(closedState.untilMs), closedbecause: closedState.because }),
  };
}
