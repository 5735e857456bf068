import type { CellValue } from '../../ots/wire/row.ts';
import { type JsonValue, jsonValueOf } from '../../source/change-event.ts';
import { UsageError } from '../command.ts';

/**
 * A value in the form that the source's events use, with one exception. A double without a fraction becomes
 * `{"double": "1000"}`, because `1000` alone is read as an integer. `readJsonValue` restores the same value.
 */
export const toJsonValue = (value: CellValue): JsonValue =>
  typeof value === 'number' && Number.isInteger(value)
    ? { double: Object.is(value, -0) ? '-0' : String(value) }
    : jsonValueOf(value);

/** Parses a value in the form of `toJsonValue`, or a number with point or exponent as a double. Throws UsageError. */
export function readJsonValue(name: string, text: string): CellValue {
  const json = text.trim();
  const value = /^-?\d+$/.test(json) ? BigInt(json) : columnValueOf(parseJson(json));
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value)
    throw new UsageError(`${argumentText(name, text)} has more than 64 bits; an integer has at most 64`);
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
    throw new UsageError(
      `${argumentText(name, text)} is not a valid value; allowed: an integer, 1.5, true, false, "text", ` +
        '{"integer": "5"}, {"double": "1000"} or {"binary": "<base64>"}',
    );
  return value;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function columnValueOf(json: unknown): CellValue | undefined {
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json;
  if (typeof json !== 'object' || json === null) return undefined;
  const [[kind, text] = [], ...more] = Object.entries(json);
  return typeof text === 'string' && more.length === 0 ? typedColumnValue(kind, text) : undefined;
}

function typedColumnValue(kind: string | undefined, text: string): CellValue | undefined {
  if (kind === 'integer') return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  if (kind === 'double') return text.trim() === '' ? undefined : Number(text);
  if (kind !== 'binary') return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

const argumentText = (name: string, text: string): string =>
  `${name}:=${text.length > 100 ? `${text.slice(0, 99)}…` : text}`;
