import type { RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { OtsError } from '../../ots/errors.ts';
import { fields, text, valueSchema } from '../../runtime/schema.ts';
import {
  controlEndpoint,
  controlHandler,
  faultControls,
  InvalidControlRequest,
} from '../faults/control-endpoint.ts';
import { FaultInjector } from '../faults/fault-injector.ts';
import { delayFields, errorFields, faultSettings, ruleSchema } from '../faults/rule-schema.ts';
import type { ChangeLog } from './storage/change-log.ts';

/** Operations by path. Those of the data plane may omit the slash. Absent: every operation. */
const scope = {
  operations: v.exactOptional(
    v.pipe(
      valueSchema(v.array(v.string()), 'a list of operations'),
      v.transform((names) => names.map((name) => (name.startsWith('/') ? name : `/${name}`))),
    ),
  ),
};

/** The faults that the stand-in supports: errors of requests and of rows, delays, lost requests, truncated answers. */
const tablestoreFaultSettings = faultSettings(
  [
    ruleSchema(['error', 'row error'], scope, errorFields('OTSServerBusy')),
    ruleSchema(['delay'], scope, delayFields),
    ruleSchema(['lose', 'truncate'], scope, {}),
  ],
  {},
);

type Settings = v.InferOutput<typeof tablestoreFaultSettings>;
type FaultRule = Settings['rules'][number];

/** Decides which faults happen to a request. */
export class TablestoreFaultInjector extends FaultInjector<Settings> {
  constructor() {
    super({ rules: [], seed: 1 });
  }

  /** Applies faults before a request is carried out: delays the request, throws, or returns another fault to apply. */
  async applyFaults(path: string): Promise<'lose' | 'truncate' | undefined> {
    for (const rule of this.takeMatching(
      (candidate) => candidate.do !== 'row error' && appliesTo(candidate, path),
    )) {
      if (rule.do === 'delay') await delay(rule.ms);
      else if (rule.do === 'error') throw errorOf(rule);
      else if (rule.do !== 'row error') return rule.do;
    }
    return undefined;
  }

  /** Returns the injected failure of one row of a batch, if there is one. */
  rowFault(path: string): OtsError | undefined {
    for (const rule of this.takeMatching(
      (candidate) => candidate.do === 'row error' && appliesTo(candidate, path),
    ))
      if (rule.do === 'row error') return errorOf(rule);
    return undefined;
  }
}

const appliesTo = ({ operations }: FaultRule, path: string): boolean => operations?.includes(path) ?? true;

const errorOf = ({ code, message, status }: Extract<FaultRule, { code: string }>): OtsError =>
  new OtsError(code, message, { status });

/** What the control endpoint acts on. */
export interface FaultControls {
  readonly injector: TablestoreFaultInjector;
  readonly changes: ChangeLog;
  /** Expires all tunnels of a table, or one of them, as if their changes had been dropped. */
  readonly expire: (table: string, tunnel?: string) => void;
}

const table = text('the name of a table');

/** Serves the controls: shows, sets and clears faults, splits a partition of a table, expires its tunnels. */
export const faultControlEndpoint = ({ injector, changes, expire }: FaultControls): RequestListener =>
  controlEndpoint({
    ...faultControls(tablestoreFaultSettings, injector),
    'POST /-/faults/split': controlHandler(
      fields({ table, partition: v.exactOptional(text('a partition')) }),
      (request) => splitPartition(changes, request),
    ),
    'POST /-/faults/expire': controlHandler(
      fields({ table, tunnel: v.exactOptional(text('the name of a tunnel')) }),
      (request) => {
        expire(request.table, request.tunnel);
        return { expired: request.table };
      },
    ),
  });

function splitPartition(changes: ChangeLog, { table, partition }: { table: string; partition?: string }) {
  const open = changes.partitions(table).filter(({ closed }) => !closed);
  const id = partition ?? open[0]?.id;
  if (id === undefined) throw new InvalidControlRequest(`table ${table} does not exist`);
  if (!open.some((candidate) => candidate.id === id))
    throw new InvalidControlRequest(
      `table ${table} has no open partition ${id}: use ${open.map((candidate) => candidate.id).join(', ')}`,
    );
  changes.split(table, id);
  return { partitions: changes.partitions(table).map(({ id, parent, closed }) => ({ id, parent, closed })) };
}
