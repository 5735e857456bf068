import type { RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { OtsError } from '../../../ots/errors.ts';
import { fields, text, valueSchema } from '../../../runtime/schema.ts';
import {
  controlEndpoint,
  controlHandler,
  faultControls,
  InvalidControlRequest,
} from '../../faults/control-endpoint.ts';
import { FaultInjector } from '../../faults/fault-injector.ts';
import { delayFields, errorFields, faultSettings, ruleSchema } from '../../faults/rule-schema.ts';
import type { ChangeLog } from '../storage/change-log.ts';

/** Paths; absent: every operation. Those of the data plane may be named without their slash. */
const scope = {
  operations: v.exactOptional(
    v.pipe(
      valueSchema(v.array(v.string()), 'a list of operations'),
      v.transform((names) => names.map((name) => (name.startsWith('/') ? name : `/${name}`))),
    ),
  ),
};

/** Answered errors, the failure of single rows of batches, waits, lost requests, and halves of answers. */
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

/** The faults that were wished for, and when they happen. */
export class TablestoreFaultInjector extends FaultInjector<Settings> {
  constructor() {
    super({ rules: [], seed: 1 });
  }

  /** What befalls a request before it is carried out: waits, throws, or says what else is to be done to it. */
  async before(path: string): Promise<'lose' | 'truncate' | undefined> {
    for (const rule of this.takeMatching((each) => each.do !== 'row error' && appliesTo(each, path))) {
      if (rule.do === 'delay') await delay(rule.ms);
      else if (rule.do === 'error') throw errorOf(rule);
      else if (rule.do !== 'row error') return rule.do;
    }
    return undefined;
  }

  /** The failure of one row of a batch, where one was wished for. */
  rowFault(path: string): OtsError | undefined {
    for (const rule of this.takeMatching((each) => each.do === 'row error' && appliesTo(each, path)))
      if (rule.do === 'row error') return errorOf(rule);
    return undefined;
  }
}

const appliesTo = ({ operations }: FaultRule, path: string): boolean => operations?.includes(path) ?? true;

const errorOf = ({ code, message, status }: Extract<FaultRule, { code: string }>): OtsError =>
  new OtsError(code, message, { status });

/** What the faults' endpoint acts on. */
export interface FaultControls {
  readonly rules: TablestoreFaultInjector;
  readonly changes: ChangeLog;
  /** Makes a table's tunnels, or one of them, as if their stream's data were over. */
  readonly expire: (table: string, tunnel?: string) => void;
}

const table = text('the name of a table');

/** Shows, sets and clears faults; splits a table's partition; expires its tunnels. */
export const faultControlEndpoint = ({ rules, changes, expire }: FaultControls): RequestListener =>
  controlEndpoint({
    ...faultControls(tablestoreFaultSettings, rules),
    'POST /-/faults/split': controlHandler(
      fields({ table, partition: v.exactOptional(text('a partition')) }),
      (wish) => splitPartition(changes, wish),
    ),
    'POST /-/faults/expire': controlHandler(
      fields({ table, tunnel: v.exactOptional(text('the name of a tunnel')) }),
      (wish) => {
        expire(wish.table, wish.tunnel);
        return { expired: wish.table };
      },
    ),
  });

function splitPartition(changes: ChangeLog, { table, partition }: { table: string; partition?: string }) {
  const open = changes.partitions(table).filter(({ closed }) => !closed);
  const wanted = partition ?? open[0]?.id;
  if (wanted === undefined) throw new InvalidControlRequest(`table ${table} does not exist`);
  if (!open.some(({ id }) => id === wanted))
    throw new InvalidControlRequest(
      `table ${table} has no open partition ${wanted}: there are ${open.map(({ id }) => id).join(', ')}`,
    );
  changes.split(table, wanted);
  return { partitions: changes.partitions(table).map(({ id, parent, closed }) => ({ id, parent, closed })) };
}
