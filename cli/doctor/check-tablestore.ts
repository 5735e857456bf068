import { messageOf } from '../../domain/errors.ts';
import { createTablesApi } from '../../ots/tables-api.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import type { CliConfig } from '../config.ts';
import type { Endpoints } from '../endpoints-file.ts';
import { interactiveRetryLimits, resolveTablestore, withTablestore } from '../tablestore-target.ts';
import type { Finding } from './checks.ts';

const ANSWER_MS = 5_000;

/**
 * Checks that Tablestore answers, knows the key, and has the source's table. No findings if no Tablestore is
 * configured.
 */
export async function checkTablestore(config: CliConfig, isStartRunning: boolean): Promise<Finding[]> {
  const { environment, sourceTable } = config;
  if (!isStartRunning && !environment.TABLESTORE_ENDPOINT && !environment.ALITABLESTORE) return [];
  const what = 'Tablestore';
  const remedy = 'check TABLESTORE_ENDPOINT, TABLESTORE_INSTANCE, TABLESTORE_ACCESSKEYID and …SECRET';
  try {
    const target = resolveTablestore(config);
    const { endpoint, instance } = target.tablestore;
    const targetText = `instance ${instance} at ${endpoint} (from ${target.from})`;
    const found = await withTablestore(target, targetText, (transport) =>
      createTablesApi(transport, interactiveRetryLimits).describe(sourceTable),
    );
    const says = found === undefined ? `${targetText} has no table ${sourceTable}` : targetText;
    return [
      { ok: found !== undefined, what, says, remedy: `create table ${sourceTable}, or set SOURCE_TABLE` },
    ];
  } catch (error) {
    return [{ ok: false, what, says: messageOf(error, 300), remedy }];
  }
}

/** Checks that the process `source` of a running `sluice start` is ready. */
export async function checkSource(endpoints: Endpoints | undefined): Promise<Finding[]> {
  if (endpoints === undefined) return [];
  const what = 'source';
  const url = endpoints.source;
  try {
    const request = { url: `${url}/readyz`, method: 'GET', timeoutMs: ANSWER_MS, maxBytes: 500 } as const;
    const { status, body } = await sendHttp(request);
    const ok = status === 200;
    return [
      { ok, what, says: ok ? `${url} is ready` : `${url}: ${body.toString().trim()}`, remedy: 'see its log' },
    ];
  } catch (error) {
    return [
      { ok: false, what, says: `${url} does not answer: ${messageOf(error, 200)}`, remedy: 'see its log' },
    ];
  }
}
