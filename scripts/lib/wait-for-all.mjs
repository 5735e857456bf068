/** Like `Promise.all`, but if a promise is rejected, waits for the others before it throws. So no work goes on unseen. */
export async function waitForAll(promises) {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return outcomes.map(({ value }) => value);
}
