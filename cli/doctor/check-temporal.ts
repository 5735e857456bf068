import { messageOf } from '../../domain/errors.ts';
import { RETENTION_DAYS, searchAttributes } from '../../domain/temporal-contract.ts';
import { inspectNamespace } from '../../runtime/temporal-namespace.ts';
import type { TemporalTarget } from '../addresses.ts';
import { withTemporal } from '../temporal-client.ts';
import type { Finding } from './checks.ts';

/** Checks that Temporal answers, and that the namespace has the search attributes and keeps closed runs long enough. */
export async function checkTemporal(target: TemporalTarget): Promise<Finding[]> {
  const named = `${target.address}, namespace ${target.namespace} (from ${target.from})`;
  try {
    const state = await withTemporal(target, ({ connection }) =>
      inspectNamespace(connection, target.namespace),
    );
    const { missing, mistyped, retentionDays } = state;
    const wrong = [
      ...missing.map((name) => `${name} is missing`),
      ...mistyped.map((name) => `${name} has another type`),
    ];
    return [
      { ok: true, what: 'Temporal', says: named },
      {
        ok: wrong.length === 0,
        what: 'search attributes',
        says: wrong.length === 0 ? Object.keys(searchAttributes).join(', ') : wrong.join(', '),
        remedy:
          missing.map(createCommand(target)).join('\n  ') || 'remove it, and create it with the correct type',
      },
      {
        ok: retentionDays >= RETENTION_DAYS,
        what: 'retention',
        says: `${Number(retentionDays.toFixed(2))} days`,
        remedy: `temporal operator namespace update${where(target)} --retention ${RETENTION_DAYS * 24}h`,
      },
    ];
  } catch (error) {
    const remedy = 'start it with `npm start`, or set --address and --namespace';
    return [{ ok: false, what: 'Temporal', says: `${named}: ${messageOf(error, 300)}`, remedy }];
  }
}

const createCommand = (target: TemporalTarget) => (name: string) =>
  `temporal operator search-attribute create${where(target)} --name ${name} --type ${searchAttributes[name] ?? ''}`;

const where = ({ address, namespace }: TemporalTarget): string =>
  ` --address ${address} --namespace ${namespace}`;
