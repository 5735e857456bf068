/** A signal of one call; `release` when the call is over, or it stays with `outer`. */
export interface LimitedSignal {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  release(): void;
}

/**
 * A signal that is aborted with `outer` and for its reason, or after `deadlineMs`. Not `AbortSignal.any`: in Node 20 each
 * one leaves something with `outer` for as long as that lives, which for a channel's signal is for days.
 */
export function limitedSignal(outer: AbortSignal | undefined, deadlineMs?: number): LimitedSignal {
  const own = new AbortController();
  const end = (): void => own.abort(outer?.reason);
  const late = (): void => own.abort(new DOMException(`no answer within ${deadlineMs} ms`, 'TimeoutError'));
  const timer = deadlineMs === undefined ? undefined : setTimeout(late, Math.max(1, Math.floor(deadlineMs)));
  if (outer?.aborted) end();
  else outer?.addEventListener('abort', end, { once: true });
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    release() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', end);
    },
  };
}
