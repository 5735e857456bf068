import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tables } from '../../domain/tables.ts';
import {
  budgetsTable,
  freshnessTable,
  subscriptionsTable,
  weatherTable,
} from '../../ports/weather-tables.ts';

const declared = [weatherTable, freshnessTable, budgetsTable, subscriptionsTable];

for (const { name, key } of declared)
  test(`the table ${name} is made with the key that its rows are read by`, () => {
    const made = tables.find((table) => table.name === name);
    assert.deepEqual(made?.keys, Object.keys(key));
    assert.ok(Object.values(key).every((type) => type === 'text'));
  });

test('no two tables have one name, and only days of the past go away', () => {
  assert.equal(new Set(tables.map(({ name }) => name)).size, tables.length);
  assert.deepEqual(
    tables.filter(({ keptDays }) => keptDays !== undefined).map(({ name }) => name),
    ['weather'],
  );
});
