import type { CloudEvent } from '../../domain/cloud-event.ts';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import type { ParkedAbout } from '../../domain/parked-request.ts';
import { decodeHeaderValue } from '../decode/binary.ts';
import type { Received } from '../delivery/outcome.ts';
import type { Park } from '../delivery/park.ts';
import { type Reply, ruleOf } from '../http/answers.ts';
import type { SinkRequest } from '../http/sink-request.ts';
import type { Source } from '../sources/source.ts';

/** A request is refused for good; `status` is the answer. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 413 | 415 | 422;
  readonly event: CloudEvent | undefined;
  readonly route: string | undefined;
  readonly source: Source | undefined;

  constructor(
    status: Refusal['status'],
    reason: string,
    about: {
      readonly event?: CloudEvent | undefined;
      readonly route?: string | undefined;
      readonly source?: Source | undefined;
    } = {},
  ) {
    super(reason);
    this.name = 'Refusal';
    this.status = status;
    this.event = about.event;
    this.route = about.route;
    this.source = about.source;
  }
}

/**
 * Answers a request that is refused for good, and parks it where the table of answers says so. The status stays
 * what it is, also when parking fails; but a source that wants 202 for parked requests gets it only for what
 * is parked, and 503 when that could not be done now.
 */
export async function refuse(
  request: SinkRequest,
  refusal: Refusal,
  { park, onReceived }: { park: Park; onReceived: (received: Received) => void },
  deadline: number,
): Promise<Reply> {
  const { status, message: reason, route, source } = refusal;
  const about: ParkedAbout = refusal.event ?? contextOf(request);
  const told: Received = { event: about, route, outcome: 'rejected', reason };
  if (!ruleOf(status).parked) {
    onReceived(told);
    return { status, error: reason };
  }
  try {
    const parked = await park(request, { reason, status, route, event: about }, deadline);
    onReceived({
      ...told,
      ...('workflowId' in parked
        ? { parked: parked.workflowId, parkedBefore: parked.again === true }
        : { reason: `${reason} (${parked.refused})` }),
    });
    if (source?.ackParked && 'workflowId' in parked) return { status: 202 };
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof InvalidInput)) throw error;
    onReceived({ ...told, reason: `${reason} (not parked: ${messageOf(error)})` });
    if (source?.ackParked && error instanceof Unavailable) return { status: 503, error: messageOf(error) };
  }
  return { status, error: reason };
}

const NAMES = ['id', 'source', 'type', 'subject', 'time'] as const;

/** Larger ones are not parked, and not worth the memory. */
const BYTES = 256 * 1024;

/** Longer values are no names that a person would look for. */
const CHARACTERS = 255;

/** What can be read of the context of a request that is no event; nothing of it has been checked. */
export function contextOf({ headers, body }: Pick<SinkRequest, 'headers' | 'body'>): ParkedAbout {
  const json = parsed(body);
  const found = NAMES.map((name) => [name, header(name, headers) ?? json[name]] as const);
  return Object.fromEntries(
    found.filter(([, value]) => typeof value === 'string' && value !== '' && value.length <= CHARACTERS),
  );
}

function header(name: string, headers: SinkRequest['headers']): string | undefined {
  const value = headers[`ce-${name}`];
  try {
    return value === undefined ? undefined : decodeHeaderValue(name, String(value));
  } catch {
    return undefined;
  }
}

type Members = Readonly<Record<string, unknown>>;

function parsed(body: Buffer): Members {
  if (body.length > BYTES) return {};
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
  } catch {
    return {};
  }
}
