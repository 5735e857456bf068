import type { ParkedMemo } from '../../domain/parked-request.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { parseWholeNumber, UsageError } from '../command.ts';

/** The options that select parked requests. */
export const filterOptions = {
  since: { type: 'string' },
  until: { type: 'string' },
  type: { type: 'string' },
  route: { type: 'string' },
  reason: { type: 'string' },
  status: { type: 'string' },
} as const;

/** The part of `--help` about the filters. */
export const filterHelp = `
--since <time>           parked since this time: 90s, 10m, 2h, 3d ago, or a time like 2026-11-22T12:00:00Z
--until <time>           parked until this time
--type <type>            only events of this type
--route <name>           only events rejected because of this route
--reason <text>          only with this text in the reason; case does not matter
--status <n>             only requests that were rejected with this status: 400 or 422 (also if the sender got 202
                         because of ackParked); 202 for dead letters and for events that match no route`;

type Flags = { readonly [name in keyof typeof filterOptions]?: string | undefined };

/** Selects parked requests. Absent fields match everything. */
export interface ParkedFilter extends Pick<Flags, 'type' | 'route' | 'reason'> {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly status?: number | undefined;
}

/** True if at least one filter is set. */
export const hasFilter = (flags: Flags): boolean =>
  Object.keys(filterOptions).some((name) => flags[name as keyof Flags] !== undefined);

/** Reads the filter options. Throws `UsageError` for an invalid value. */
export function readFilter({ since, until, type, route, reason, status }: Flags): ParkedFilter {
  return {
    ...{ type, route, reason },
    since: since === undefined ? undefined : parseMoment('--since', since),
    until: until === undefined ? undefined : parseMoment('--until', until),
    status: status === undefined ? undefined : parseWholeNumber('--status', status, 100, 599),
  };
}

/** Checks all filters except `since` and `until`. Temporal applies these two. */
export function matchesFilter(memo: ParkedMemo, { type, route, reason, status }: ParkedFilter): boolean {
  return (
    (type === undefined || memo.event.type === type) &&
    (route === undefined || memo.route === route) &&
    (status === undefined || memo.status === status) &&
    (reason === undefined || memo.reason.toLowerCase().includes(reason.toLowerCase()))
  );
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `90s`, `10m`, `2h`, `3d` before now, or an RFC 3339 time. Throws `UsageError` for anything else. */
export function parseMoment(option: string, text: string, now = Date.now()): Date {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const instant = amount === undefined ? parseTimestampMs(text) : now - Number(amount) * (UNIT_MS[unit] ?? 0);
  if (instant !== undefined) return new Date(instant);
  const allowed = 'a duration before now, like 90s, 10m, 2h, 3d, or a time like 2026-11-22T12:00:00Z';
  throw new UsageError(`${option} is ${JSON.stringify(text)}; allowed: ${allowed}`);
}
