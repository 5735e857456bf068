import { instantOf } from '../domain/time-stamp.ts';
import { UsageError } from './command.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The instant that an option names: `90s`, `10m`, `2h`, `3d` before now, or an RFC 3339 time; else `UsageError`. */
export function momentOf(option: string, text: string, now = Date.now()): Date {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const instant = amount === undefined ? instantOf(text) : now - Number(amount) * (UNITS[unit] ?? 0);
  if (instant !== undefined) return new Date(instant);
  const allowed = 'how long ago, like 90s, 10m, 2h, 3d, or a time like 2026-11-22T12:00:00Z';
  throw new UsageError(`${option} is ${JSON.stringify(text)}; allowed: ${allowed}`);
}
