import { parameterInvalid } from '../errors.ts';
import type { StreamStart } from './tunnel-records.ts';

/**
 * A stream's oldest changes may be dropped at any moment. So a tunnel must begin at least this long after the
 * earliest time within the retention.
 */
const MARGIN_MS = 5 * 60_000;

/** The values that determine the start of a tunnel. `newest` is the timestamp of the newest change, in µs. */
export interface StartContext {
  readonly nowMs: number;
  readonly expirationHours: number;
  readonly newest: bigint;
}

/**
 * Returns the timestamp (µs) above which a tunnel delivers changes. It is 0 for EARLIEST, the newest change for LATEST,
 * and otherwise just below `startOffset` (ns). `startOffset` must be within the retention of the stream.
 */
export function startPosition(start: StreamStart | undefined, context: StartContext): bigint {
  const { nowMs, expirationHours, newest } = context;
  const offset = start?.startOffset ?? 0n;
  if (offset === 0n) return start?.flag === 'EARLIEST' ? 0n : newest;
  const [from, to] = [nowMs - expirationHours * 3_600_000 + MARGIN_MS, nowMs].map(
    (ms) => BigInt(ms) * 1_000_000n,
  );
  if (from !== undefined && to !== undefined && offset >= from && offset <= to)
    return (offset + 999n) / 1_000n - 1n;
  throw parameterInvalid(
    `Start offset ${offset} must be from ${from} to ${to} (now); older changes may be dropped at any moment.`,
  );
}
