import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../../../domain/unzip/limits.ts';
import { directoryMemory, lackingMemory, planningMemory } from '../../../domain/unzip/planning-memory.ts';

const MIB = 1024 * 1024;

for (const [directoryMib, heapMib, totalMib] of [
  [1, 128, 131],
  [1.5, 160, 164.5],
  [8, 576, 600],
  [15, 1_024, 1_069],
  [256, 1_024, 1_792],
] as const) {
  test(`the process that plans a directory of ${directoryMib} MiB has a heap of ${heapMib} MiB`, () => {
    const memory = planningMemory(directoryMib * MIB, defaultLimits.planningMib);
    assert.deepEqual(memory, { heapMib, bytes: totalMib * MIB });
  });
}

test('no planning process gets a larger heap than the limit', () => {
  assert.equal(planningMemory(8 * MIB, 32).heapMib, 32);
});

test('the worker needs three times the bytes of a directory', () => {
  assert.equal(directoryMemory(256 * MIB), 768 * MIB);
});

const v8 = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
for (const [what, signal, errors, lacking] of [
  ['V8 reached the limit of the heap', 'SIGABRT', v8, 'heap'],
  ['somebody else killed the process', 'SIGKILL', '', 'memory'],
  ['a buffer could not be allocated', null, 'RangeError: Array buffer allocation failed', 'memory'],
  ['V8 got no memory from the system', 'SIGTRAP', '# Fatal process out of memory: Zone', 'memory'],
  ['a module is missing', null, 'Error: Cannot find module', undefined],
  ['it crashed', 'SIGSEGV', '', undefined],
  ['it was stopped', 'SIGTERM', '', undefined],
] as const) {
  test(`a planning process that ended lacked ${lacking ?? 'nothing'} if ${what}`, () =>
    assert.equal(lackingMemory(signal, errors), lacking));
}
