import { messageOf } from '../../domain/errors.ts';
import { RETENTION_DAYS, searchAttributes } from '../../domain/temporal-contract.ts';
import { inspectNamespace } from '../../runtime/temporal-namespace.ts';
import type { TemporalTarget } from '../addresses.ts';
import { withTemporal } from '../temporal-client.ts';
import type { Finding } from './checks.ts';

/** Checks that Temporal answers, and that the namespace has the search attributes and keeps closed runs long enough. */
export async function checkTemporal(target: TemporalTarget): Promise<Finding[]> {
  const targetText = `${target.address}, namespace ${target.namespace} (from ${target.from})`;
  try {
    const state = await withTemporal(target, ({ connection }) =>
      inspectNamespace(connection, target.namespace),
    );
    const { missing, mistyped, retentionDays } = state;
    const problems = [
      ...missing.map((name) => `${name} is missing`),
      ...mistyped.map((name) => `${name} has the wrong type`),
    ];
    return [
      { ok: true, what: 'Temporal', says: targetText },
      {
        ok: problems.length === 0,
        what: 'search attributes',
        says: problems.length === 0 ? Object.keys(searchAttributes).join(', ') : problems.join(', '),
        remedy:
          missing.map(createCommand(target)).join('\n  ') ||
          'remove each search attribute with the wrong type, and create it again with the correct type',
      },
      {
        ok: retentionDays >= RETENTION_DAYS,
        what: 'retention',
        says: `${Number(retentionDays.toFixed(2))} days`,
        remedy: `temporal operator namespace update${addressOptions(target)} --retention ${RETENTION_DAYS * 24}h`,
      },
    ];
  } catch (error) {
    const isMissing = /namespace \S+ is not found|namespace not found/i.test(messageOf(error, 300));
    const remedy = isMissing
      ? `create it with temporal operator namespace create${addressOptions(target)}, or correct --namespace`
      : 'start it with `npm start`, or set --address and --namespace';
    return [{ ok: false, what: 'Temporal', says: `${targetText}: ${messageOf(error, 300)}`, remedy }];
  }
}

const createCommand = (target: TemporalTarget) => (name: string) =>
  `temporal operator search-attribute create${addressOptions(target)} --name ${name} --type ${searchAttributes[name] ?? ''}`;

const addressOptions = ({ address, namespace }: TemporalTarget): string =>
  ` --address ${address} --namespace ${namespace}`;
