import * as v from 'valibot';
import type { Dialect } from '../../domain/event-pattern.ts';
import { reservedIdProblem } from '../../domain/reserved-ids.ts';
import { parseDurationMs } from '../../domain/time-slot.ts';
import { findNameOptionMistakes } from '../../domain/unzip/name-options.ts';
import { eventPattern, fields, flag, reportWith, rowName, text, valueSchema } from '../../runtime/schema.ts';
import type { Route } from './route.ts';
import { SET_BY_SLUICE } from './route-attributes.ts';
import { compileTemplate } from './template.ts';

const NAME = /^\S.{0,199}$/;

/** A placeholder with the filter `slot`, as `compileTemplate` reads it. */
const TIME_SLOT_PLACEHOLDER = /\{[^{}|]*\|slot:[^{}]*\}/;

/** A longer duration is surely a mistake. With this limit, all times are within the limits of Temporal. */
const MAX_DURATION_MS = 366 * 24 * 60 * 60 * 1_000;

const DURATION = 'an ISO 8601 duration like PT5M, of at most 366 days (P366D)';

const duration = valueSchema(
  v.pipe(
    v.string(),
    v.regex(/^P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?$/),
    v.description(DURATION),
    v.transform((value) => parseDurationMs(value)),
    v.number(),
    v.maxValue(MAX_DURATION_MS),
  ),
  DURATION,
);

const input = v.pipe(
  v.unknown(),
  v.metadata({ $ref: '#/definitions/template' }),
  v.rawTransform(({ dataset: { value }, addIssue }) => ({
    template: compileTemplate(value, reportWith(addIssue)),
    nameOptions: fixedNameOptions(value),
  })),
);

/** Returns the options `charsets` and `unsafe` of an unzip route's input, without those that have placeholders. */
function fixedNameOptions(value: unknown): { charsets?: unknown; unsafe?: unknown } {
  const { charsets, unsafe } = { ...(value as object | null) } as { charsets?: unknown; unsafe?: unknown };
  const fixed = (option: unknown): unknown =>
    JSON.stringify(option)?.includes('{') === true ? undefined : option;
  return { charsets: fixed(charsets), unsafe: fixed(unsafe) };
}

const ATTRIBUTES = 'an object such as { Bucket: "{data.oss.bucket.name}" }';

const ATTRIBUTE_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const attributes = v.pipe(
  valueSchema(v.record(v.string(), v.unknown()), ATTRIBUTES),
  v.metadata({ $ref: '#/definitions/attributes' }),
  v.rawTransform(({ dataset, addIssue }) => {
    for (const name of Object.keys(dataset.value)) {
      if (SET_BY_SLUICE.has(name)) reportWith(addIssue)([name], 'is set by Sluice itself; remove it');
      else if (!ATTRIBUTE_NAME.test(name))
        reportWith(addIssue)([name], 'is not the name of a search attribute, such as Bucket');
    }
    return { ...compileTemplate(dataset.value, reportWith(addIssue)), names: Object.keys(dataset.value) };
  }),
);

const id = v.pipe(
  text('a template such as "order:{data.order.id}"'),
  v.metadata({ $ref: '#/definitions/id' }),
  v.rawTransform(({ dataset: { value }, addIssue }) => ({
    template: compileTemplate(value, reportWith(addIssue)),
    slotted: TIME_SLOT_PLACEHOLDER.test(value),
    literalStart: value.split('{', 1)[0] ?? '',
  })),
);

/** The schema of one route in the routes file. Its output is a `Route`. */
export const routeSchema = (dialect: Dialect) =>
  v.pipe(
    fields({
      name: rowName,
      match: eventPattern(dialect),
      workflow: text('the name of a workflow type', NAME),
      // Temporal reserves the names that begin with "/_sys/".
      queue: text('the name of a task queue, which does not begin with "/_sys/"', /^(?!\/_sys\/)\S.{0,199}$/),
      id,
      input: v.exactOptional(input),
      signal: v.exactOptional(text('the name of a signal', NAME)),
      start: v.exactOptional(
        v.pipe(
          valueSchema(v.literal(false), 'false'),
          v.description('send the signal only to an open run, and start none'),
        ),
      ),
      exact: v.optional(
        v.pipe(flag, v.description('use the id as it is, without the hash of the event')),
        false,
      ),
      readable: v.optional(v.pipe(flag, v.description('keep the letters of all scripts in the id')), false),
      reserved: v.exactOptional(
        v.pipe(
          valueSchema(v.picklist(['allowed']), 'allowed'),
          v.description("the id may begin like the ids of Sluice's own runs"),
        ),
      ),
      expires: v.exactOptional(duration),
      delay: v.exactOptional(duration),
      attributes: v.exactOptional(attributes),
    }),
    v.metadata({ not: { required: ['signal', 'delay'] }, dependencies: { start: ['signal'] } }),
    v.forward(
      v.partialCheck(
        [['signal'], ['start']],
        ({ signal, start }) => start === undefined || signal !== undefined,
        'a route with start: false must have a signal; add signal or remove start',
      ),
      ['start'],
    ),
    v.forward(
      v.partialCheck(
        [['signal'], ['delay']],
        ({ signal, delay }) => signal === undefined || delay === undefined,
        'a signal cannot be delayed; remove delay or signal',
      ),
      ['delay'],
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const problem = reservedIdProblem(dataset.value.id.literalStart, dataset.value);
      if (problem !== undefined) reportWith(addIssue)(['id'], problem);
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed || dataset.value.workflow !== 'unzipObject') return;
      for (const { option, reason } of findNameOptionMistakes(dataset.value.input?.nameOptions ?? {}))
        reportWith(addIssue)(['input', option], reason);
    }),
    v.transform(
      ({ id: { template, slotted }, input, expires, delay, ...row }): Route => ({
        ...row,
        ...(input === undefined ? {} : { input: input.template }),
        id: template,
        ...(slotted ? { slotted } : {}),
        ...(expires === undefined ? {} : { expiresMs: expires }),
        ...(delay === undefined ? {} : { delayMs: delay }),
      }),
    ),
  );
