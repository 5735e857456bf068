import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { checkColumnsToGet } from '../rows/check-names.ts';
import type { StoredStream } from '../storage/table-record.ts';
import type { StreamSpecMessage } from './table-messages.ts';

/** The default retention of changes, in hours. */
export const DEFAULT_STREAM_HOURS = 24;

/**
 * Returns the stream that a request specifies for a table, or undefined for none. An existing stream keeps its id, and
 * its expiration time cannot be changed. Throws OTSParameterInvalid.
 */
export function readStreamSpec(
  spec: StreamSpecMessage,
  {
    table,
    old,
    now,
  }: { readonly table: string; readonly old?: StoredStream | undefined; readonly now: number },
): StoredStream | undefined {
  if (!spec.enableStream) return undefined;
  const expirationHours = spec.expirationTime ?? old?.expirationHours ?? DEFAULT_STREAM_HOURS;
  if (expirationHours < 1 || expirationHours > LIMITS.streamHours)
    throw parameterInvalid(
      `The stream's expiration time is ${expirationHours} hours: it must be in range [1, ${LIMITS.streamHours}].`,
    );
  if (old !== undefined && old.expirationHours !== expirationHours)
    throw parameterInvalid(
      `The stream of table '${table}' is enabled with an expiration time of ${old.expirationHours} hours, which cannot be modified.`,
    );
  const columnsToGet = [...checkColumnsToGet(spec.columnsToGet)];
  return old === undefined
    ? { id: `${table}_${now}`, expirationHours, enabledAt: now, columnsToGet }
    : { ...old, columnsToGet };
}
