import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** Throws OTSParameterInvalid if the name is not a valid table name. */
export function checkTableName(name: string): void {
  if (!NAME.test(name)) throw parameterInvalid(`Invalid table name: '${name}'.`);
}

/** Throws OTSParameterInvalid if the name is not a valid column name. */
export function checkColumnName(name: string): void {
  if (!NAME.test(name)) throw parameterInvalid(`Invalid column name: '${name}'.`);
}

/** Returns the distinct columns of a request. Throws OTSParameterInvalid for too many or invalid names. */
export function checkColumnsToGet(names: readonly string[]): ReadonlySet<string> {
  if (names.length > LIMITS.columnsToGet)
    throw parameterInvalid(
      `The number of columns from the request exceeds the limit, limit count: ${LIMITS.columnsToGet}, column count: ${names.length}.`,
    );
  for (const name of names) checkColumnName(name);
  return new Set(names);
}
