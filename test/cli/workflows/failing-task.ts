/** A user's workflow whose workflow task fails: the SDK retries an error that is not a failure of the workflow. */
export async function failingTask(): Promise<void> {
  await Promise.resolve();
  throw new TypeError('the order is not registered for a total');
}
