/** A table as it is made: its key columns, which are all texts, in order. */
export interface TableDefinition {
  readonly name: string;
  readonly keys: readonly string[];
  /** Days after its last change in which a row goes away; absent: never. */
  readonly keptDays?: number;
}

/** Every table of Sluice's: the one source for a start, the commands and the tests. */
export const tableDefinitions: readonly TableDefinition[] = [
  { name: 'weather', keys: ['adcode', 'date'], keptDays: 30 },
  { name: 'freshness', keys: ['adcode'] },
  { name: 'budgets', keys: ['provider'] },
  { name: 'subscriptions', keys: ['adcode', 'subscriptionId'] },
];
