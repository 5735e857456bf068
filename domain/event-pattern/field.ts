import type { Condition } from './condition.ts';
import { isObject } from './pattern-error.ts';

/** One field of a pattern: its path, its allowed values, and their conditions. At least one condition must hold. */
export interface Field {
  readonly keys: readonly string[];
  readonly path: string;
  readonly expected: unknown;
  readonly conditions: readonly Condition[];
}

/**
 * Returns the value at `keys`. Inherited fields count as missing. Arrays on the path count as missing, as in JSONPath.
 * With `throughArrays`, the path leads into the objects of an array, and the result has the values of all of them.
 */
export function valueAt(event: unknown, keys: readonly string[], throughArrays: boolean): unknown {
  let value = event;
  for (const [index, key] of keys.entries()) {
    if (throughArrays && Array.isArray(value)) {
      const rest = keys.slice(index);
      const values = value.map((item) => valueAt(item, rest, true)).filter((found) => found !== undefined);
      return values.length === 0 ? undefined : values;
    }
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}
