import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { eventIdKey } from './search-attributes.ts';
import { grpcErrorOf } from './temporal-errors.ts';

/**
 * Lists the runs of a query of Temporal's visibility API. A server may put keywords of earlier builds into its SQL
 * unescaped. If its SQL is then invalid, such runs cannot be found, so there are none.
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

/** Quotes a text for a query. Finds only texts without quotes and backslashes, which servers read in different ways. */
export const quoteForQuery = (text: string): string =>
  `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;

/**
 * Returns ` AND WorkflowId = …`. If no literal is certain to mean this id, returns a condition that holds for more
 * runs, or no condition. So the caller compares the ids itself.
 */
export function workflowIdCondition(workflowId: string): string {
  if (!/['"\\]/.test(workflowId)) return ` AND WorkflowId = ${quoteForQuery(workflowId)}`;
  const [prefix = ''] = /^[A-Za-z0-9 .:/@+=-]*/.exec(workflowId) ?? [];
  return prefix === '' ? '' : ` AND WorkflowId STARTS_WITH ${quoteForQuery(prefix)}`;
}
