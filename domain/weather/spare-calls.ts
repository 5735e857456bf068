/**
 * What of a slot's calls is left beyond those that its batches need, shared among them by what each needs. Whole calls,
 * and all of them; none where nothing is left.
 */
export function spareCalls(needed: readonly number[], allowance: number): number[] {
  const all = needed.reduce((sum, calls) => sum + calls, 0);
  const spare = Math.max(0, allowance - all);
  let before = 0;
  return needed.map((calls) => {
    const shared = Math.floor((spare * before) / all);
    before += calls;
    return Math.floor((spare * before) / all) - shared;
  });
}
