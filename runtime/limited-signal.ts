/** The signal of one call. Call `release` after the call. Otherwise `outer` keeps the signal in memory. */
export interface LimitedSignal {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  release(): void;
}

/**
 * Returns a signal that aborts when `outer` aborts, with the same reason, or after `timeoutMs`. Does not use
 * `AbortSignal.any`, because in Node.js 20 each call of `any` leaks memory until `outer` is released. The signal of a
 * tunnel channel is in use for days.
 */
export function limitedSignal(outer: AbortSignal | undefined, timeoutMs?: number): LimitedSignal {
  const controller = new AbortController();
  const onOuterAbort = (): void => controller.abort(outer?.reason);
  const onTimeout = (): void =>
    controller.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(onTimeout, Math.max(1, Math.floor(timeoutMs)));
  if (outer?.aborted) onOuterAbort();
  else outer?.addEventListener('abort', onOuterAbort, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuterAbort);
    },
  };
}
