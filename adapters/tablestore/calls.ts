import type { InvalidInput, Unavailable } from '../../domain/errors.ts';
import { OtsError } from '../../ots/ots-error.ts';
import type { Operation, Request } from './client.ts';
import { isUnmet, meaningOf, translateOtsError } from './errors.ts';
import { type Answer, askUntilAnswered, type Limits, type Try } from './retry.ts';

/** One row's answer in a batch, as the package reads it. */
interface AnsweredRow {
  readonly isOk: boolean;
  readonly errorCode?: string | null;
  readonly errorMessage?: string | null;
}

/** Reads may be sent again unless the service refused; other things only where it said that nothing was done. */
export const mayRepeat = (error: unknown, repeatable: boolean): boolean => {
  const meaning = meaningOf(error);
  return meaning === 'not done' || (meaning === 'unclear' && repeatable);
};

/** Sends one request until it is answered or may not be sent again; throws what it failed with, translated. */
export async function callOnce(
  request: Request,
  {
    operation,
    params,
    what,
    repeatable,
  }: { operation: Operation; params: object; what: string; repeatable: boolean },
  limits: Limits,
): Promise<object> {
  const ask = async (_one: readonly unknown[], each: Try): Promise<Answer<object>[]> => [
    { value: await request(operation, params, each) },
  ];
  const [answer] = await askUntilAnswered(
    [operation],
    { ask, mayRepeat: (_operation, error) => mayRepeat(error, repeatable) },
    limits,
  );
  if (answer !== undefined && 'value' in answer) return answer.value;
  throw isUnmet(answer?.error) ? answer?.error : translateOtsError(answer?.error, what);
}

/** A batch's rows as answers: those that failed with the service's code for the row. */
export function rowAnswers<R extends AnsweredRow>(rows: readonly R[]): Answer<R>[] {
  return rows.map((row) =>
    row.isOk ? { value: row } : { error: new OtsError(row.errorCode ?? '', row.errorMessage ?? '') },
  );
}

/** A failure of the service, translated; anything else is a bug and thrown. */
export function failureOf(error: unknown, what: string): InvalidInput | Unavailable {
  const translated = translateOtsError(error, what);
  if (translated === error) throw error;
  return translated as InvalidInput | Unavailable;
}
