import type { Connection } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import proto, { type temporal } from '@temporalio/proto';
import { RETENTION_DAYS, type SearchAttributeType, searchAttributes } from '../domain/temporal-contract.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;
const CALL_MS = 10_000;
const DAY_MS = 24 * 60 * 60_000;

const indexedTypes: Readonly<Record<SearchAttributeType, temporal.api.enums.v1.IndexedValueType>> = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KeywordList: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
};

/** The differences between the actual state of a namespace and the state that Sluice requires. */
export interface NamespaceState {
  /** Search attributes of Sluice that are not registered. */
  readonly missing: readonly string[];
  /** Search attributes of Sluice that are registered with another type. */
  readonly mistyped: readonly string[];
  /** How many days closed runs are retained. */
  readonly retentionDays: number;
}

/** Compares the state of `namespace` with the state that Sluice requires. */
export async function inspectNamespace(connection: Connection, namespace: string): Promise<NamespaceState> {
  const [attributes, description] = await withCallDeadline(connection, () =>
    Promise.all([
      connection.operatorService.listSearchAttributes({ namespace }),
      connection.workflowService.describeNamespace({ namespace }),
    ]),
  );
  const retention = description.config?.workflowExecutionRetentionTtl;
  return {
    ...findSearchAttributeProblems(attributes.customAttributes),
    retentionDays: retention ? tsToMs(retention) / DAY_MS : 0,
  };
}

/** Compares the registered search attributes with those of Sluice. */
export function findSearchAttributeProblems(
  registered: Readonly<Record<string, temporal.api.enums.v1.IndexedValueType | undefined>>,
): Pick<NamespaceState, 'missing' | 'mistyped'> {
  const required = Object.entries(searchAttributes);
  return {
    missing: required.filter(([name]) => registered[name] === undefined).map(([name]) => name),
    mistyped: required
      .filter(([name, type]) => registered[name] !== undefined && registered[name] !== indexedTypes[type])
      .map(([name]) => name),
  };
}

/**
 * Registers the missing search attributes of `namespace` and sets its retention. Returns the previous state.
 * Attributes with another type stay unchanged. Uses the operator API, because a dev server ignores its own options
 * for an existing database.
 */
export async function reconcileNamespace(connection: Connection, namespace: string): Promise<NamespaceState> {
  const found = await inspectNamespace(connection, namespace);
  if (found.missing.length > 0) {
    const missing = Object.entries(searchAttributes).filter(([name]) => found.missing.includes(name));
    await withCallDeadline(connection, () =>
      connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, indexedTypes[type]])),
      }),
    );
  }
  if (found.retentionDays !== RETENTION_DAYS) {
    await withCallDeadline(connection, () =>
      connection.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(RETENTION_DAYS * DAY_MS) },
      }),
    );
  }
  return found;
}

function withCallDeadline<T>(connection: Connection, call: () => Promise<T>): Promise<T> {
  return connection.withDeadline(Date.now() + CALL_MS, call);
}
