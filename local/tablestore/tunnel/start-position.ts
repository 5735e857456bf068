import { parameterInvalid } from '../errors.ts';
import type { StreamStart } from './tunnel-records.ts';

/** A stream's oldest changes may go at any moment: this much before, no tunnel can begin there any more. */
const MARGIN_MS = 5 * 60_000;

/** What decides where a tunnel begins: `newest` is the timestamp of the newest change, in µs. */
export interface StartContext {
  readonly nowMs: number;
  readonly expirationHours: number;
  readonly newest: bigint;
}

/**
 * The timestamp (µs) above which a tunnel's stream gives changes: 0 from EARLIEST on, the newest change for LATEST,
 * else just below `startOffset` (ns), which must lie within what the stream keeps.
 */
export function startPosition(start: StreamStart | undefined, facts: StartContext): bigint {
  const { nowMs, expirationHours, newest } = facts;
  const offset = start?.startOffset ?? 0n;
  if (offset === 0n) return start?.flag === 'EARLIEST' ? 0n : newest;
  const [from, to] = [nowMs - expirationHours * 3_600_000 + MARGIN_MS, nowMs].map(
    (ms) => BigInt(ms) * 1_000_000n,
  );
  if (from !== undefined && to !== undefined && offset >= from && offset <= to)
    return (offset + 999n) / 1_000n - 1n;
  throw parameterInvalid(
    `Start offset ${offset} is not between ${from} and ${to}, the stream's oldest and now.`,
  );
}
