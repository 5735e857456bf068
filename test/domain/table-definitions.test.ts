import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configuredTables, tableDefinitions } from '../../domain/table-definitions.ts';
import {
  channelsTable,
  deliveriesTable,
  requestsTable,
  subscriptionsTable,
} from '../../ports/alert-tables.ts';
import { budgetsTable, freshnessTable, weatherTable } from '../../ports/weather-tables.ts';

const declared = [
  ...[weatherTable, freshnessTable, budgetsTable],
  ...[subscriptionsTable, channelsTable, deliveriesTable, requestsTable],
];

for (const { name, key } of declared)
  test(`defines the table ${name} with the key that its readers use`, () => {
    const made = tableDefinitions.find((table) => table.name === name);
    assert.deepEqual(made?.keys, Object.keys(key));
    assert.ok(Object.values(key).every((type) => type === 'text'));
  });

test('defines each table once, and only the rows of the tables deliveries and requests expire', () => {
  assert.equal(new Set(tableDefinitions.map(({ name }) => name)).size, tableDefinitions.length);
  assert.deepEqual(
    tableDefinitions.flatMap(({ name, keptDays }) => (keptDays === undefined ? [] : [[name, keptDays]])),
    [
      ['deliveries', 90],
      ['requests', 2],
    ],
  );
});

test('without a configuration, no definition changes, and no existing table changes', () => {
  const unset = { weatherKeptDays: undefined, deliveriesKeptDays: undefined };
  assert.deepEqual(configuredTables(unset), tableDefinitions);
  assert.ok(tableDefinitions.every(({ changesExisting }) => changesExisting === undefined));
});

test('the configuration sets how long rows are kept, also in existing tables', () => {
  const tables = configuredTables({ weatherKeptDays: 30, deliveriesKeptDays: 'forever' });
  assert.deepEqual(
    tables.filter(({ changesExisting }) => changesExisting),
    [
      { name: 'weather', keys: ['adcode', 'date'], keptDays: 30, changesExisting: true },
      { name: 'deliveries', keys: ['channelId', 'deliveryId'], changesExisting: true },
    ],
  );
  assert.deepEqual(
    tables.map(({ name }) => name),
    tableDefinitions.map(({ name }) => name),
  );
});
