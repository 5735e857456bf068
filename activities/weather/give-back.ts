import { Unavailable } from '../../domain/errors.ts';
import type { BudgetBook } from './budget-book.ts';

/** Gives back calls that were set aside for a day and are not made; answers how many, none where in doubt. */
export function giveBack(
  book: BudgetBook,
  calls: number,
  day: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  if (calls === 0 || day === undefined) return Promise.resolve(0);
  return book.giveBack(calls, day, signal).catch((error: unknown) => {
    if (error instanceof Unavailable) return 0;
    throw error;
  });
}
