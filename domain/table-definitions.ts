/** How a table is created: its key columns, all of type text, in order. */
export interface TableDefinition {
  readonly name: string;
  readonly keys: readonly string[];
  /** A row is deleted this many days after its last change; absent: never. */
  readonly keptDays?: number;
  /** True if the configuration names `keptDays`. Then an existing table with another setting is changed, too. */
  readonly changesExisting?: boolean;
}

/** All tables of Sluice. `sluice start`, the commands and the tests use these definitions. */
export const tableDefinitions: readonly TableDefinition[] = [
  { name: 'weather', keys: ['adcode', 'date'] },
  { name: 'freshness', keys: ['adcode'] },
  { name: 'budgets', keys: ['provider'] },
  { name: 'subscriptions', keys: ['adcode', 'subscriptionId'] },
  { name: 'channels', keys: ['channelId'] },
  { name: 'deliveries', keys: ['channelId', 'deliveryId'], keptDays: 90 },
  { name: 'requests', keys: ['requestId'], keptDays: 2 },
];

/** How many days rows are kept, as configured. Undefined: the definition decides. */
export interface ConfiguredKeptDays {
  readonly weatherKeptDays: number | 'forever' | undefined;
  readonly deliveriesKeptDays: number | 'forever' | undefined;
}

/** Returns all tables with the configured settings. */
export function configuredTables({
  weatherKeptDays,
  deliveriesKeptDays,
}: ConfiguredKeptDays): readonly TableDefinition[] {
  const configured = new Map([
    ['weather', weatherKeptDays],
    ['deliveries', deliveriesKeptDays],
  ]);
  return tableDefinitions.map((definition) => {
    const days = configured.get(definition.name);
    if (days === undefined) return definition;
    const { name, keys } = definition;
    return { name, keys, changesExisting: true, ...(days === 'forever' ? {} : { keptDays: days }) };
  });
}
