import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../../domain/errors.ts';
import { OtsError } from '../../../ots/errors.ts';
import { BadFaults, fieldsOf, refuseOthers, textIn } from '../../faults/json-fields.ts';
import { receiveBody } from '../http/receive-body.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import type { FaultRules } from './fault-rules.ts';
import { readFaults } from './read-faults.ts';

/** What the faults' endpoint acts on. */
export interface FaultsEndpoint {
  readonly rules: FaultRules;
  readonly changes: ChangeLog;
  /** Makes a table's tunnels, or one of them, as if their stream's data were over. */
  readonly expire: (table: string, tunnel?: string) => void;
}

interface JsonAnswer {
  readonly status: number;
  readonly value: object;
}

type Route = (body: unknown, endpoint: FaultsEndpoint) => object;

const routes: Readonly<Record<string, Route>> = {
  'GET /-/faults': (_body, { rules }) => rules.show(),
  'POST /-/faults': (body, { rules }) => {
    rules.set(readFaults(body));
    return rules.show();
  },
  'DELETE /-/faults': (_body, { rules }) => {
    rules.set({ rules: [], seed: 1 });
    return rules.show();
  },
  'POST /-/faults/split': splitPartition,
  'POST /-/faults/expire': expireTunnels,
};

/**
 * Shows, sets and clears faults; splits a table's partition; expires its tunnels. JSON, without a signature; refused
 * where a web page asks for it.
 */
export async function answerFaults(
  message: IncomingMessage,
  response: ServerResponse,
  endpoint: FaultsEndpoint,
): Promise<void> {
  const { status, value } = await answer(message, endpoint);
  const body = `${JSON.stringify(value, undefined, 2)}\n`;
  const end = message.complete ? {} : { connection: 'close' };
  response.writeHead(status, {
    ...end,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function answer(message: IncomingMessage, endpoint: FaultsEndpoint): Promise<JsonAnswer> {
  const { method = 'GET', url = '/', headers } = message;
  try {
    const body = (await receiveBody(message)).toString();
    if (headers.origin !== undefined)
      return refused(403, `origin ${headers.origin} may not set faults: web pages may not`);
    const route = routes[`${method} ${url}`];
    if (route === undefined) {
      const there = Object.keys(routes).join(', ');
      return refused(404, `${method} ${url} is not there: there are ${there}`);
    }
    return { status: 200, value: route(body === '' ? {} : parseJson(body), endpoint) };
  } catch (error) {
    if (error instanceof BadFaults) return refused(400, error.message);
    if (error instanceof OtsError && error.status !== 0) return refused(error.status, error.message);
    throw error;
  }
}

const refused = (status: number, error: string): JsonAnswer => ({ status, value: { error } });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadFaults(`the body is not JSON: ${messageOf(error, 200)}`);
  }
}

function splitPartition(body: unknown, { changes }: FaultsEndpoint): object {
  const fields = fieldsOf(body, 'the body');
  refuseOthers(fields, ['table', 'partition'], 'the body');
  const table = textIn(fields, 'table');
  const open = changes.partitions(table).filter(({ closed }) => !closed);
  const wanted = fields.partition === undefined ? open[0]?.id : textIn(fields, 'partition');
  if (wanted === undefined) throw new BadFaults(`table ${table} does not exist`);
  if (!open.some(({ id }) => id === wanted))
    throw new BadFaults(
      `table ${table} has no open partition ${wanted}: there are ${open.map(({ id }) => id).join(', ')}`,
    );
  changes.split(table, wanted);
  return { partitions: changes.partitions(table).map(({ id, parent, closed }) => ({ id, parent, closed })) };
}

function expireTunnels(body: unknown, { expire }: FaultsEndpoint): object {
  const fields = fieldsOf(body, 'the body');
  refuseOthers(fields, ['table', 'tunnel'], 'the body');
  const table = textIn(fields, 'table');
  if (fields.tunnel === undefined) expire(table);
  else expire(table, textIn(fields, 'tunnel'));
  return { expired: table };
}
