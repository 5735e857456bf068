import type { Request } from 'express';
import type { ColumnCondition, WriteStatus } from '../../ports/table-store.ts';
import { Problem } from '../problem.ts';

/**
 * The ETag of a row. It also has the time at which a sender disabled a channel, because the version stays the same
 * then.
 */
export const rowEtag = (columns: { readonly version?: bigint; readonly disabledat?: bigint }): string =>
  `W/"${columns.version ?? 0n}${columns.disabledat === undefined ? '' : `.${columns.disabledat}`}"`;

/** The condition of a write: the row still has the version that was read. */
export const isVersion = (version: bigint | undefined): ColumnCondition<'version'> =>
  version === undefined
    ? { not: { column: 'version', is: '>=', value: 0n, ifMissing: 'unmet' } }
    : { column: 'version', is: '=', value: version, ifMissing: 'unmet' };

/** The maximum number of attempts to change a row. An attempt fails if another change was faster. */
const MAX_ATTEMPTS = 5;

/**
 * Changes a row. Reads the row, and writes it if it has not changed since. If it has changed, repeats both steps,
 * unless the client has named the version with `If-Match`. Resolves to the row that was read.
 * @throws Problem `precondition-failed` or `conflict`
 */
export async function changeRow<R extends { readonly columns: Parameters<typeof rowEtag>[0] }>(
  req: Request,
  read: () => Promise<R>,
  write: (row: R) => Promise<WriteStatus>,
): Promise<R> {
  const wanted = req.get('if-match');
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const row = await read();
    const etag = rowEtag(row.columns);
    if (!matches(wanted, etag))
      throw new Problem('precondition-failed', `the ETag is now ${etag}`, { headers: { ETag: etag } });
    if ((await write(row)) === 'written') return row;
  }
  throw new Problem('conflict', 'others change this at the same time; try again');
}

/** Clients and proxies may leave out the `W/`. */
function matches(wanted: string | undefined, etag: string): boolean {
  if (wanted === undefined || wanted.trim() === '*') return true;
  return wanted.split(',').some((each) => each.trim().replace(/^W\//, '') === etag.slice(2));
}
