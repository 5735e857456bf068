/**
 * Settles as `call` does, or throws `late()` once `ms` milliseconds have passed. A gRPC deadline alone does not
 * bound a call of Temporal's client: its retries sleep through it.
 */
export async function within<T>(ms: number, call: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const alarm = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([call, alarm]);
  } finally {
    clearTimeout(timer);
  }
}
