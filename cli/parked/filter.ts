import type { ParkedMemo } from '../../domain/parked-request.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { parseWholeNumber, UsageError } from '../command.ts';

/** The options that choose among parked requests. */
export const filterOptions = {
  since: { type: 'string' },
  until: { type: 'string' },
  type: { type: 'string' },
  route: { type: 'string' },
  reason: { type: 'string' },
  status: { type: 'string' },
} as const;

/** What `--help` says about them. */
export const filterHelp = `
--since <time>           parked since then: 90s, 10m, 2h, 3d ago, or a time like 2026-11-22T12:00:00Z
--until <time>           parked until then
--type <type>            events of this type
--route <name>           refused because of this route
--reason <text>          with this text in the reason, in any case
--status <n>             answered with this status: 400, 422; 202 for what matched nothing, and for dead letters`;

type Flags = { readonly [name in keyof typeof filterOptions]?: string | undefined };

/** Which parked requests are meant; what is absent does not matter. */
export interface ParkedFilter extends Pick<Flags, 'type' | 'route' | 'reason'> {
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly status?: number | undefined;
}

/** Whether any filter is given. */
export const hasFilter = (flags: Flags): boolean =>
  Object.keys(filterOptions).some((name) => flags[name as keyof Flags] !== undefined);

/** The filter that options describe; throws `UsageError` for a value that is none. */
export function readFilter({ since, until, type, route, reason, status }: Flags): ParkedFilter {
  return {
    ...{ type, route, reason },
    since: since === undefined ? undefined : parseMoment('--since', since),
    until: until === undefined ? undefined : parseMoment('--until', until),
    status: status === undefined ? undefined : parseWholeNumber('--status', status, 100, 599),
  };
}

/** Whether what is known of a parked request fits all but the times, by which Temporal chooses. */
export function matchesFilter(memo: ParkedMemo, { type, route, reason, status }: ParkedFilter): boolean {
  return (
    (type === undefined || memo.event.type === type) &&
    (route === undefined || memo.route === route) &&
    (status === undefined || memo.status === status) &&
    (reason === undefined || memo.reason.toLowerCase().includes(reason.toLowerCase()))
  );
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The instant that an option names: `90s`, `10m`, `2h`, `3d` before now, or an RFC 3339 time; else `UsageError`. */
export function parseMoment(option: string, text: string, now = Date.now()): Date {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const instant = amount === undefined ? parseTimestampMs(text) : now - Number(amount) * (UNIT_MS[unit] ?? 0);
  if (instant !== undefined) return new Date(instant);
  const allowed = 'how long ago, like 90s, 10m, 2h, 3d, or a time like 2026-11-22T12:00:00Z';
  throw new UsageError(`${option} is ${JSON.stringify(text)}; allowed: ${allowed}`);
}
