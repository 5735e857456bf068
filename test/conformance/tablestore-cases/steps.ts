import type { Call, Column, Key, ServiceError, Settings, Step, Value } from '../tablestore-case.ts';

/** A call with any result. An error fails the step. */
export const expectSuccess = (call: Call): Step => ({ call });

export const expectResult = (call: Call, result: unknown): Step => ({ call, expectedResult: result });

export const expectError = (call: Call, status: number, code: string, message: string): Step => ({
  call,
  expectedError: { status, code, message },
});

export const expectParameterInvalid = (call: Call, message: string): Step =>
  expectError(call, 400, 'OTSParameterInvalid', message);

/** The result of a failed row of a batch. */
export const rowFailure = ({ code, message }: Omit<ServiceError, 'status'>) => ({ ok: false, code, message });

export const conditionFailed = { code: 'OTSConditionCheckFail', message: 'Condition check failed.' } as const;

/** An integer. `*` stands for any integer in an expected result. */
export const int = (value: number | bigint | '*'): Value => ({ int: String(value) });

/** Creates a table. The default key is one column `k` of the type STRING. */
export const table = (
  name: string,
  keys: readonly (readonly string[])[] = [['k', 'STRING']],
  settings: Settings = {},
): Step => expectSuccess({ op: 'createTable', table: name, keys, ...settings });

export const k = (value: string): Key => [['k', value]];

export const put = (tableName: string, key: Key, ...columns: readonly Column[]): Step =>
  expectSuccess({ op: 'putRow', table: tableName, key, columns });

/** Reads a row and expects these columns. Undefined means no row. */
export const expectRow = (tableName: string, key: Key, columns: readonly Column[] | undefined): Step =>
  expectResult(
    { op: 'getRow', table: tableName, key },
    { row: columns === undefined ? null : { key, columns } },
  );
