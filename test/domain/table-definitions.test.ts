import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableDefinitions } from '../../domain/table-definitions.ts';
import { channelsTable, deliveriesTable, subscriptionsTable } from '../../ports/alert-tables.ts';
import { budgetsTable, freshnessTable, weatherTable } from '../../ports/weather-tables.ts';

const declared = [
  ...[weatherTable, freshnessTable, budgetsTable],
  ...[subscriptionsTable, channelsTable, deliveriesTable],
];

for (const { name, key } of declared)
  test(`defines the table ${name} with the key that its readers use`, () => {
    const made = tableDefinitions.find((table) => table.name === name);
    assert.deepEqual(made?.keys, Object.keys(key));
    assert.ok(Object.values(key).every((type) => type === 'text'));
  });

test('defines each table once, and only the rows of the tables weather and deliveries expire', () => {
  assert.equal(new Set(tableDefinitions.map(({ name }) => name)).size, tableDefinitions.length);
  assert.deepEqual(
    tableDefinitions.filter(({ keptDays }) => keptDays !== undefined).map(({ name }) => name),
    ['weather', 'deliveries'],
  );
});
