import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  refreshSlotOf,
  refreshSlotsLeftToday,
  refreshWorkflowIdAt,
} from '../../../domain/weather/refresh-slots.ts';

const ids: readonly (readonly [workflowId: string, slot: string | undefined])[] = [
  ['weather-refresh-2026-11-22T03:00:00Z', '2026-11-22T03:00:00Z'],
  ['another-2024-02-29T21:00:00Z', '2024-02-29T21:00:00Z'],
  ['weather-refresh', undefined],
  ['weather-refresh-2026-11-22T03:00:00+08:00', undefined],
  ['weather-refresh-2026-11-22T03:00:00.000Z', undefined],
  ['weather-refresh-2026-13-22T03:00:00Z', undefined],
  ['weather-refresh-2026-11-22T03:00:00Z-again', undefined],
];
for (const [workflowId, slot] of ids)
  test(`the slot of ${workflowId} is ${slot ?? 'undefined'}`, () =>
    assert.equal(refreshSlotOf(workflowId), slot));

const left: readonly (readonly [at: string, slots: number])[] = [
  ['2026-11-22T00:00:00+08:00', 8],
  ['2026-11-22T00:00:01+08:00', 8],
  ['2026-11-22T02:59:59+08:00', 8],
  ['2026-11-22T03:00:00+08:00', 7],
  ['2026-11-22T20:59:59+08:00', 2],
  ['2026-11-22T21:00:00+08:00', 1],
  ['2026-11-22T23:59:59+08:00', 1],
];
for (const [at, slots] of left)
  test(`${slots} slots of the day are left at ${at}`, () =>
    assert.equal(refreshSlotsLeftToday(Date.parse(at)), slots));

test('gives a manual run an id in the format of the Schedule', () =>
  assert.equal(
    refreshWorkflowIdAt(Date.parse('2026-11-22T11:00:00.999+08:00')),
    'weather-refresh-2026-11-22T03:00:00Z',
  ));
