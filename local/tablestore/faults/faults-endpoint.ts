import type { RequestListener } from 'node:http';
import * as v from 'valibot';
import { fields, text } from '../../../runtime/schema.ts';
import { BadWish, controlEndpoint, faultControls, taking } from '../../faults/control-endpoint.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import { type FaultRules, tablestoreFaults } from './fault-rules.ts';

/** What the faults' endpoint acts on. */
export interface FaultsEndpoint {
  readonly rules: FaultRules;
  readonly changes: ChangeLog;
  /** Makes a table's tunnels, or one of them, as if their stream's data were over. */
  readonly expire: (table: string, tunnel?: string) => void;
}

const table = text('the name of a table');

/** Shows, sets and clears faults; splits a table's partition; expires its tunnels. */
export const answerFaults = ({ rules, changes, expire }: FaultsEndpoint): RequestListener =>
  controlEndpoint({
    ...faultControls(tablestoreFaults, rules),
    'POST /-/faults/split': taking(
      fields({ table, partition: v.exactOptional(text('a partition')) }),
      (wish) => splitPartition(changes, wish),
    ),
    'POST /-/faults/expire': taking(
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
  if (wanted === undefined) throw new BadWish(`table ${table} does not exist`);
  if (!open.some(({ id }) => id === wanted))
    throw new BadWish(
      `table ${table} has no open partition ${wanted}: there are ${open.map(({ id }) => id).join(', ')}`,
    );
  changes.split(table, wanted);
  return { partitions: changes.partitions(table).map(({ id, parent, closed }) => ({ id, parent, closed })) };
}
