import { condition, continueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import { nextHops, onEvent } from '../../../workflows/public-api.ts';

/** The input of the signal. */
export interface Change {
  readonly value: string;
}

/** A user's workflow with one run per city. It handles every change once, and ends when a change requests the end. */
export async function watchCity(
  _input: unknown,
  effects: string[] = [],
  carried: readonly string[] = [],
): Promise<string[]> {
  let again = false;
  let over = false;
  const seen = onEvent<Change>(
    'changed',
    ({ value }) => {
      effects.push(value);
      again ||= value === 'again';
      over ||= value === 'over';
    },
    carried,
  );
  setHandler(defineQuery<string[]>('effects'), () => effects);
  setHandler(defineQuery<number>('hops'), nextHops);
  await condition(() => again || over);
  if (again) await continueAsNew<typeof watchCity>(_input, effects, seen.carried());
  return effects;
}
