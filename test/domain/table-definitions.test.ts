import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableDefinitions } from '../../domain/table-definitions.ts';
import {
  budgetsTable,
  freshnessTable,
  subscriptionsTable,
  weatherTable,
} from '../../ports/weather-tables.ts';

const declared = [weatherTable, freshnessTable, budgetsTable, subscriptionsTable];

for (const { name, key } of declared)
  test(`the table ${name} is made with the key that its rows are read by`, () => {
    const made = tableDefinitions.find((table) => table.name === name);
    assert.deepEqual(made?.keys, Object.keys(key));
    assert.ok(Object.values(key).every((type) => type === 'text'));
  });

test('no two tables have one name, and only days of the past go away', () => {
  assert.equal(new Set(tableDefinitions.map(({ name }) => name)).size, tableDefinitions.length);
  assert.deepEqual(
    tableDefinitions.filter(({ keptDays }) => keptDays !== undefined).map(({ name }) => name),
    ['weather'],
  );
});
