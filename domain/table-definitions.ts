/** How a table is created: its key columns, all of type text, in order. */
export interface TableDefinition {
  readonly name: string;
  readonly keys: readonly string[];
  /** A row is deleted this many days after its last change; absent: never. */
  readonly keptDays?: number;
}

/** All tables of Sluice. `sluice start`, the commands and the tests use these definitions. */
export const tableDefinitions: readonly TableDefinition[] = [
  { name: 'weather', keys: ['adcode', 'date'], keptDays: 30 },
  { name: 'freshness', keys: ['adcode'] },
  { name: 'budgets', keys: ['provider'] },
  { name: 'subscriptions', keys: ['adcode', 'subscriptionId'] },
  { name: 'channels', keys: ['channelId'] },
  { name: 'deliveries', keys: ['channelId', 'deliveryId'], keptDays: 90 },
];
