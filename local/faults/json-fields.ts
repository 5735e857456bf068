/** What was posted to the faults' endpoint is not what it takes; the message is one sentence. */
export class BadFaults extends Error {
  override readonly name = 'BadFaults';
}

export type Fields = Readonly<Record<string, unknown>>;

interface Range {
  readonly at?: string;
  readonly from: number;
  readonly to: number;
  readonly fallback?: number;
}

/** The fields of an object; `what` names it. */
export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadFaults(`${what} is ${quoted(value)}: it must be an object`);
  return value as Fields;
}

/** Throws for a field that is not among `known`. */
export function refuseOthers(fields: Fields, known: readonly string[], what: string): void {
  for (const name of Object.keys(fields))
    if (!known.includes(name))
      throw new BadFaults(`${what} has "${name}", which is not known: there are ${known.join(', ')}`);
}

/** A field's value as `read` takes it, which answers undefined for what it does not take; `fallback` where it is absent. */
export function field<T, F>(
  fields: Fields,
  name: string,
  allowed: string,
  read: (value: unknown) => T | undefined,
  fallback: F,
  at?: string,
): T | F {
  const value = fields[name];
  if (value === undefined) return fallback;
  const taken = read(value);
  if (taken === undefined) throw wrong(name, value, allowed, at);
  return taken;
}

export function numberIn(fields: Fields, name: string, { at, from, to, fallback }: Range): number {
  const value = fields[name] ?? fallback;
  if (typeof value === 'number' && value >= from && value <= to) return value;
  throw wrong(name, value, `a number from ${from} to ${to}`, at);
}

export function wholeIn(fields: Fields, name: string, range: Range): number {
  const value = numberIn(fields, name, range);
  if (Number.isInteger(value)) return value;
  throw wrong(name, value, `a whole number from ${range.from} to ${range.to}`, range.at);
}

export function textIn(
  fields: Fields,
  name: string,
  { at, allowed, fallback }: { at?: string; allowed?: readonly string[]; fallback?: string } = {},
): string {
  const value = fields[name] ?? fallback;
  if (typeof value === 'string' && value !== '' && (allowed?.includes(value) ?? true)) return value;
  throw wrong(name, value, allowed === undefined ? 'a text' : `one of ${allowed.join(', ')}`, at);
}

function wrong(name: string, value: unknown, allowed: string, at?: string): BadFaults {
  const path = at === undefined ? name : `${at}.${name}`;
  return new BadFaults(
    value === undefined
      ? `${path} is missing: it must be ${allowed}`
      : `${path} is ${quoted(value)}: it must be ${allowed}`,
  );
}

const quoted = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 100);
