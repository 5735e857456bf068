import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { eventIdKey } from './search-attributes.ts';
import { grpcErrorOf } from './temporal-errors.ts';

/**
 * Lists the runs of a query of Temporal's visibility API. Runs of earlier versions of Sluice can have search attributes
 * with quotes. Some Temporal servers put these into their SQL without escaping them. If the SQL is then invalid, the
 * server cannot find these runs, and this function yields none.
 */
export async function* listRuns(
  client: Client,
  query: string,
  pageSize: number,
): AsyncIterable<WorkflowExecutionInfo> {
  try {
    yield* client.workflow.list({ query, pageSize });
  } catch (error) {
    if (!isSqlError(error)) throw error;
  }
}

/** The code of this error is UNAVAILABLE, so only its text shows that a retry cannot succeed. */
const isSqlError = (error: unknown): boolean =>
  /SQL logic error|syntax error/i.test(grpcErrorOf(error)?.details ?? '');

/** Returns true if the run lists this keyword. With an unescaped keyword, a query may also find other runs. */
export const hasEventId = ({ typedSearchAttributes }: WorkflowExecutionInfo, keyword: string): boolean =>
  typedSearchAttributes.get(eventIdKey)?.includes(keyword) ?? false;

/**
 * Quotes a text for a query. Servers read quotes and backslashes in different ways, so a query may not find such a
 * text.
 */
export const quoteForQuery = (text: string): string =>
  `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;

/**
 * Returns ` AND WorkflowId = …`. Servers can read an id with a quote or a backslash in different ways. For such an
 * id, returns a condition that other ids meet, too, or an empty text. So the caller must compare the ids itself.
 */
export function workflowIdCondition(workflowId: string): string {
  if (!/['"\\]/.test(workflowId)) return ` AND WorkflowId = ${quoteForQuery(workflowId)}`;
  const [prefix = ''] = /^[A-Za-z0-9 .:/@+=-]*/.exec(workflowId) ?? [];
  return prefix === '' ? '' : ` AND WorkflowId STARTS_WITH ${quoteForQuery(prefix)}`;
}
