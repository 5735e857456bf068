import { condition, continueAsNew, defineQuery, setHandler } from '@temporalio/workflow';
import { nextHops, onEvent } from '../../../workflows/public-api.ts';

/** What the signal's input says. */
export interface Change {
  readonly value: string;
}

/** A user's workflow, one run a city, that takes every change once and ends when it is told to. */
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
