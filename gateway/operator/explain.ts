import { toJsonFormat } from '../../domain/cloud-event.ts';
import type { Dialect } from '../../domain/event-pattern.ts';
import { containsExactNumber } from '../../domain/exact-json.ts';
import { decodeRequest, type RawRequest } from '../decode/decode-request.ts';
import { evaluateRoute, type Route, type RouteDecision, type RunRequest } from '../routes/route.ts';
import { findSender, type Sender } from '../senders/sender.ts';

/** What the gateway would do with an event. */
export interface Explanation {
  /** In CloudEvents' JSON format. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly identity: { readonly source: string; readonly id: string };
  /**
   * The sender that the event belongs to (an entry of the routes file), with its kinds of credentials. Null if the
   * routes file has no senders.
   */
  readonly sender: {
    /** The sender's name in the routes file. Null if no sender matches: the event would be rejected. */
    readonly source: string | null;
    readonly credentials: readonly string[];
  } | null;
  readonly routes: readonly ExplainedRoute[];
}

/** What one route would do with the event. */
export interface ExplainedRoute {
  readonly route: string;
  /** The dialect of the route's pattern, if it is not `alibaba`. */
  readonly dialect?: Dialect;
  readonly verdict: RouteDecision['verdict'];
  /** The first predicate that failed. */
  readonly failed?: { readonly path: string; readonly expected: unknown; readonly actual: unknown };
  readonly reason?: string;
  readonly workflow?: string;
  readonly queue?: string;
  readonly workflowId?: string;
  readonly signal?: string;
  /** False: the signal starts no run. */
  readonly start?: false;
  readonly delayMs?: number;
  readonly attributes?: RunRequest['attributes'];
  readonly argument?: unknown;
  /** The exact JSON that Temporal gets. Present if `argument` has numbers that JavaScript would change. */
  readonly argumentText?: string;
}

/** Explains what the gateway would do with a request. Starts nothing. Throws `BadEvent` if it is not an event. */
export function explain(
  request: RawRequest,
  { routes, senders }: { routes: readonly Route[]; senders: readonly Sender[] },
  now: number,
): Explanation | { readonly events: readonly Explanation[] } {
  const { batch, events } = decodeRequest(request);
  const explained = events.map((event): Explanation => {
    const json = toJsonFormat(event);
    const sender = findSender(senders, json);
    const credentials = (sender?.credentials ?? []).map(({ kind }) => kind);
    return {
      event: json,
      identity: { source: event.source, id: event.id },
      sender: senders.length === 0 ? null : { source: sender?.name ?? null, credentials },
      routes: routes.map((route) => ({
        route: route.name,
        ...(route.match.dialect === 'alibaba' ? {} : { dialect: route.match.dialect }),
        ...explainedRoute(evaluateRoute(route, { event, json }, now)),
      })),
    };
  });
  const [only] = explained;
  return batch || only === undefined ? { events: explained } : only;
}

function explainedRoute(decision: RouteDecision): Omit<ExplainedRoute, 'route' | 'dialect'> {
  switch (decision.verdict) {
    case 'start': {
      const { route: _route, argumentText: text, ...start } = decision.runRequest;
      const exact = text !== undefined && containsExactNumber(start.argument) ? { argumentText: text } : {};
      return { verdict: 'start', ...start, ...exact };
    }
    case 'no match': {
      const { path, expected, actual } = decision.mismatch;
      const { reason } = decision;
      return {
        verdict: 'no match',
        failed: { path, expected, actual: actual ?? null },
        ...(reason === undefined ? {} : { reason }),
      };
    }
    default:
      return decision;
  }
}
