import { ConfigError, type Setting } from '../runtime/config.ts';
import { isAttributeText } from './attribute-text.ts';

/** A CloudEvents attribute's name; longer than 20 characters is legal, though not recommended. */
const NAME = /^[a-z0-9]+$/;

/** Names that mean something in every event: CloudEvents' own, those of its HTTP and JSON formats, and ours. */
const RESERVED_NAMES = new Set([
  ...['id', 'source', 'specversion', 'type', 'subject', 'time', 'datacontenttype', 'dataschema'],
  ...['data', 'data_base64', 'partitionkey', 'sequence', 'basedata', 'sluiceerror'],
]);

/** Key columns by the attribute that each becomes: the column's name in lower case. `-` or nothing: none. */
export const keyAttributesSetting = (
  variable: string,
  fallback: string,
): Setting<ReadonlyMap<string, string>> => {
  const none: ReadonlyMap<string, string> = new Map();
  const parse = (value: string): ReadonlyMap<string, string> | undefined => {
    if (value.trim() === '-' || value.trim() === '') return none;
    const columns = value.split(',').map((column) => column.trim());
    const map = new Map(columns.map((column) => [column.toLowerCase(), column]));
    const good = [...map.keys()].every((name) => NAME.test(name) && !RESERVED_NAMES.has(name));
    return good && map.size === columns.length ? map : undefined;
  };
  return {
    ...{ variable, parse, fallback: parse(fallback), empty: none },
    allowed:
      '-, or key columns separated by commas, each of letters and digits, and no attribute that is there anyway',
  };
};

const SHAPE = '{"extensions": {"name": "value"}} in JSON';

/** `{"extensions": {…}}` as Knative writes it; empty for none. */
export const overridesSetting = (variable: string): Setting<Readonly<Record<string, string>>> => ({
  variable,
  allowed: SHAPE,
  parse(value) {
    const pairs = readOverrides(value);
    const problems = pairs?.flatMap(([name, text]) => overrideProblem(variable, name, text) ?? []) ?? [];
    if (problems.length > 0) throw new ConfigError(problems);
    return pairs && (Object.fromEntries(pairs) as Record<string, string>);
  },
  fallback: {},
});

function readOverrides(json: string): [name: string, value: unknown][] | undefined {
  try {
    const whole: unknown = JSON.parse(json);
    if (!isObject(whole)) return undefined;
    const { extensions = {} } = whole;
    if (extensions === null) return [];
    return isObject(extensions) ? Object.entries(extensions) : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function overrideProblem(variable: string, name: string, value: unknown): string | undefined {
  const what = `${variable} sets attribute ${JSON.stringify(name.slice(0, 200))}`;
  if (RESERVED_NAMES.has(name))
    return `${what}, which has a meaning of its own; allowed: attributes that events do not have anyway`;
  if (!NAME.test(name)) return `${what}; allowed: names of lower-case letters a-z and digits`;
  const to = `${what} to ${JSON.stringify(value).slice(0, 200)}`;
  if (typeof value !== 'string') return `${to}; allowed: texts`;
  if (value === '') return `${to}; allowed: texts that are not empty`;
  if (!isAttributeText(value)) return `${to}; allowed: texts without control characters and noncharacters`;
  return undefined;
}
