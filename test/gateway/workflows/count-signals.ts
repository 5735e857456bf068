import { condition, continueAsNew, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';

/** A user's workflow without the helper `onEvent`. Counts every signal that reaches it. */
export async function countSignals(_input: unknown, count = 0): Promise<number> {
  let signals = count;
  let next = '';
  setHandler(defineQuery<number>('count'), () => signals);
  setHandler(
    defineSignal<[{ event: { id: string }; input: { value?: string } }]>('changed'),
    ({ input: { value } }) => {
      signals += 1;
      if (value === 'again' || value === 'over') next = value;
    },
  );
  await condition(() => next !== '');
  if (next === 'again') await continueAsNew<typeof countSignals>(_input, signals);
  return signals;
}
