/**
 * Generates the JSON Schema of routes files from the valibot schema in dist/: `node scripts/routes/generate.mjs
 * [file]`, by default gateway/routes.schema.json.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { routesFileSchema } from '../../dist/gateway/routes/load-routes.js';

const scalar = { type: ['string', 'number', 'boolean', 'null'] };
const text = { type: 'string' };
const onlyOne = (properties) => ({
  type: 'object',
  ...{ properties, minProperties: 1, maxProperties: 1, additionalProperties: false },
});
const limit = { type: 'number' };
const comparison = [{ enum: ['=', '!=', '>', '>=', '<', '<='] }, limit];
const comparisons = (items) => ({ items, minItems: items.length, maxItems: items.length });
/** Two patterns or more. */
const patterns = (definition) => ({
  ...{ type: 'array', minItems: 2 },
  items: { allOf: [{ $ref: `#/definitions/${definition}` }, { minProperties: 1 }] },
});
const inAnyCase = { anyOf: [text, onlyOne({ 'equals-ignore-case': text })] };
const TEXT_OPERATORS = {
  ...{ prefix: inAnyCase, suffix: inAnyCase, contains: text },
  ...{ 'equals-ignore-case': text, wildcard: text },
};
const UNWANTED_TEXTS = Object.fromEntries(
  Object.entries(TEXT_OPERATORS).map(([operator, one]) => [
    operator,
    { anyOf: [one, { type: 'array', minItems: 1, items: one }] },
  ]),
);
const BYTE = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const KEY = '([A-Za-z0-9_-]+|"([^"\\\\]|\\\\.)*")';
const PLACEHOLDER = `\\{([A-Za-z0-9_-]+(\\.${KEY})*\\??(\\|slot:\\s*P[0-9DTHMS]+\\s*,\\s*[A-Za-z0-9_+/-]+\\s*)?|"([^"\\\\]|\\\\.)*")\\}`;

/** Parts that valibot does not describe: the pattern language (domain/event-pattern.ts) and templates. */
const definitions = {
  pattern: {
    description:
      'EventBridge’s pattern language over attributes and data: all fields must match, and one item of each list',
    type: 'object',
    properties: { data: { $ref: '#/definitions/dataPattern' }, $or: patterns('pattern') },
    propertyNames: { pattern: '^([a-z0-9]+|\\$or)$' },
    additionalProperties: { $ref: '#/definitions/conditions' },
  },
  dataPattern: {
    type: 'object',
    minProperties: 1,
    properties: { $or: { anyOf: [{ $ref: '#/definitions/conditions' }, patterns('dataPattern')] } },
    additionalProperties: {
      anyOf: [{ $ref: '#/definitions/conditions' }, { $ref: '#/definitions/dataPattern' }],
    },
  },
  conditions: {
    description: 'values, and objects with one operator; one of them must match',
    type: 'array',
    minItems: 1,
    items: { anyOf: [scalar, { $ref: '#/definitions/operator' }] },
  },
  operator: onlyOne({
    ...TEXT_OPERATORS,
    exists: { type: 'boolean' },
    'anything-but': {
      anyOf: [scalar, { type: 'array', minItems: 1, items: scalar }, onlyOne(UNWANTED_TEXTS)],
    },
    numeric: {
      type: 'array',
      anyOf: [comparisons(comparison), comparisons([...comparison, ...comparison])],
    },
    cidr: {
      type: 'string',
      pattern: `^((${BYTE}\\.){3}${BYTE}(/([0-2]?\\d|3[0-2]))?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/\\d{1,3})?)$`,
    },
  }),
  template: {
    description:
      'any value; {data.order.id} in its texts is replaced with a value of the event, {data.note?} is optional',
    pattern: `^([^{}]|${PLACEHOLDER})*$`,
    items: { $ref: '#/definitions/template' },
    additionalProperties: { $ref: '#/definitions/template' },
  },
  attributes: {
    description: 'search attributes that the run is started with; their values are templates',
    type: 'object',
    propertyNames: { pattern: '^(?!(Route|EventSource|EventId)$)[A-Za-z][A-Za-z0-9_-]{0,63}$' },
    additionalProperties: { $ref: '#/definitions/template' },
  },
  id: {
    description:
      'a template such as "order:{data.order.id}"; the gateway appends ":<hash>" unless exact or signal is set',
    type: 'string',
    pattern: `^([^{}]|${PLACEHOLDER})+$`,
  },
};

const schema = toJsonSchema(routesFileSchema({ env: () => undefined, folder: '.', dialect: 'aws' }), {
  typeMode: 'input',
  ignoreActions: ['check', 'raw_check', 'partial_check'],
  overrideAction: ({ valibotAction: { metadata } }) => metadata?.$ref && { $ref: metadata.$ref },
});
const whole = { title: 'Routes file of Sluice', ...schema, definitions };
const file = process.argv[2] ?? fileURLToPath(new URL('../../gateway/routes.schema.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(whole, undefined, 2)}\n`);
