import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, Case, Client, Outcome, Step } from './tablestore-case.ts';
import { allCases } from './tablestore-cases/all-cases.ts';

/** Registers a test for each case that the client supports. Each case begins and ends without tables. */
export function testAllCasesWith(client: Pick<Client, 'name'>, connect: () => Promise<Client>): void {
  for (const each of allCases) {
    const reason = each.unsupportedBy?.[client.name];
    if (reason !== undefined) test(`${each.name} (${client.name})`, { skip: reason });
  }
  const cases = allCases.filter(({ unsupportedBy }) => unsupportedBy?.[client.name] === undefined);
  // All cases share one run, because starting a client takes longer than all its calls.
  let running: Promise<readonly (readonly Outcome[])[]> | undefined;
  for (const [index, each] of cases.entries()) {
    test(`${each.name} (${client.name})`, { timeout: 60_000 }, async () => {
      running ??= connect().then((connected) => connected.run(cases.map(asRun)));
      const outcomes = (await running)[index] ?? [];
      for (const [at, step] of each.steps.entries()) compare(step, outcomes[at]);
    });
  }
}

function asRun({ name, steps }: Case): { name: string; calls: Call[] } {
  const calls = steps.map(({ call }) => call);
  const tables = new Set(calls.flatMap((call) => (call.op === 'createTable' ? [call.table] : [])));
  return { name, calls: [...calls, ...[...tables].map((table) => ({ op: 'deleteTable', table }) as const)] };
}

function compare({ call, expectedResult, expectedError }: Step, outcome: Outcome | undefined): void {
  const callText = JSON.stringify(call).slice(0, 300);
  if (expectedError !== undefined) {
    assert.deepEqual(outcome, { error: expectedError }, callText);
    return;
  }
  assert.ok(outcome !== undefined && 'result' in outcome, `${callText} gave ${JSON.stringify(outcome)}`);
  if (expectedResult !== undefined)
    assert.deepEqual(withAny(outcome.result, expectedResult), expectedResult, callText);
}

/** Returns the actual result, with `*` instead of integers that may have any value. */
function withAny(actual: unknown, expected: unknown): unknown {
  if (typeof actual !== 'object' || actual === null || typeof expected !== 'object' || expected === null)
    return actual;
  if (Array.isArray(actual)) return actual.map((each, index) => withAny(each, Object(expected)[index]));
  if ('int' in actual && 'int' in expected && expected.int === '*') return expected;
  return Object.fromEntries(
    Object.entries(actual).map(([name, value]) => [name, withAny(value, Object(expected)[name])]),
  );
}
