import { ConfigError, type Setting } from '../runtime/config.ts';
import { isAttributeText } from './attribute-text.ts';

/** A CloudEvents attribute's name. Names longer than 20 characters are legal, but not recommended. */
const NAME = /^[a-z0-9]+$/;

/** Names with a meaning in every event: those of CloudEvents, of its HTTP and JSON formats, and of Sluice. */
const RESERVED_NAMES = new Set([
  ...['id', 'source', 'specversion', 'type', 'subject', 'time', 'datacontenttype', 'dataschema'],
  ...['data', 'data_base64', 'partitionkey', 'sequence', 'basedata', 'sluiceerror'],
]);

/**
 * Parses a list of key columns. The result maps each attribute name, which is the column name in lower case, to its
 * column. `-` or an empty value: no columns.
 */
export const keyAttributesSetting = (
  variable: string,
  fallback: string,
): Setting<ReadonlyMap<string, string>> => {
  const none: ReadonlyMap<string, string> = new Map();
  const parse = (value: string): ReadonlyMap<string, string> | undefined => {
    if (value.trim() === '-' || value.trim() === '') return none;
    const columns = value.split(',').map((column) => column.trim());
    const map = new Map(columns.map((column) => [column.toLowerCase(), column]));
    const isValid = [...map.keys()].every((name) => NAME.test(name) && !RESERVED_NAMES.has(name));
    return isValid && map.size === columns.length ? map : undefined;
  };
  return {
    ...{ variable, parse, fallback: parse(fallback), empty: none },
    allowed:
      '"-" for none, or key columns separated by commas, each only once; letters and digits only, and no reserved attribute names',
  };
};

const OVERRIDES_FORMAT = '{"extensions": {"name": "value"}} in JSON';

/** Parses `{"extensions": {…}}`, as Knative sets it. Empty if there are no extensions. */
export const overridesSetting = (variable: string): Setting<Readonly<Record<string, string>>> => ({
  variable,
  allowed: OVERRIDES_FORMAT,
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
  const subject = `${variable} sets attribute ${JSON.stringify(name.slice(0, 200))}`;
  if (RESERVED_NAMES.has(name))
    return `${subject}, which is reserved; allowed: attributes that events do not have`;
  if (!NAME.test(name)) return `${subject}; allowed: names of lower-case letters a-z and digits`;
  const assignment = `${subject} to ${JSON.stringify(value).slice(0, 200)}`;
  if (typeof value !== 'string') return `${assignment}; allowed: strings`;
  if (value === '') return `${assignment}; allowed: strings that are not empty`;
  if (!isAttributeText(value))
    return `${assignment}; allowed: strings without control characters and noncharacters`;
  return undefined;
}
