const SAME_PRESS_MS = 1_000;

/**
 * Calls `first` on the first SIGINT, SIGTERM or SIGHUP and `again` on a second one. npm passes a Ctrl-C on that the
 * terminal has sent already, so what follows within a second is the same one. Answers how to stop listening.
 */
export function onStopSignal(first: (signal: string) => void, again: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let firstAt: number | undefined;
  const handle = (signal: string): void => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      first(signal);
    } else if (Date.now() - firstAt > SAME_PRESS_MS) again();
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
