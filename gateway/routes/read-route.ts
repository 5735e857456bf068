import { durationMs } from '../../domain/time-slot.ts';
import { type Fields, type Report, readFields, shown } from '../yaml/fields.ts';
import { readMatch } from '../yaml/read-match.ts';
import type { Route } from './route.ts';
import { compileTemplate } from './template.ts';

const FIELDS = ['name', 'match', 'workflow', 'queue', 'id', 'input', 'signal', 'exact', 'expires', 'delay'];
const NAME = 'lower-case letters, digits and "-", up to 63';

/** A place with a slot, as `compilePlace` reads it. */
const SLOT = /\{[^{}|]*\|slot:[^{}]*\}/;

const isName = (text: string): boolean => /^\S.{0,199}$/.test(text);

/** Temporal keeps these for itself. */
const isQueue = (text: string): boolean => isName(text) && !text.startsWith('/_sys/');

/** Later than this nothing is meant any more, and times stay within what Temporal takes. */
const LONGEST_MS = 366 * 24 * 60 * 60 * 1_000;

/** Reads one row of the list of routes; undefined, and every mistake reported with its path, when it is not sound. */
export function readRoute(value: unknown, report: Report): Route | undefined {
  return readFields(value, FIELDS, report, (fields) => {
    const template = (field: string) => compileTemplate(fields.raw(field), fields.inside(field));
    const name = fields.text('name', (text) => /^[a-z0-9][a-z0-9-]{0,62}$/.test(text), NAME);
    const workflow = fields.text('workflow', isName, 'the name of a workflow type');
    const queue = fields.text(
      'queue',
      isQueue,
      'the name of a task queue, which does not begin with "/_sys/"',
    );
    const slotted = SLOT.test(
      fields.text('id', (text) => text !== '', 'a template such as "order:{data.order.id}"'),
    );
    const match = readMatch(fields.raw('match'), fields.inside('match'));
    if (fields.has('signal') && fields.has('delay'))
      fields.wrong('delay', 'a signal cannot be delayed; leave out delay or signal');
    const optional = {
      ...(fields.has('input') ? { input: template('input') } : {}),
      ...(fields.has('signal') ? { signal: fields.text('signal', isName, 'the name of a signal') } : {}),
      ...(fields.has('expires') ? { expiresMs: readDuration(fields, 'expires') } : {}),
      ...(slotted ? { slotted } : {}),
      ...(fields.has('delay') ? { delayMs: readDuration(fields, 'delay') } : {}),
    };
    const exact = fields.flag('exact');
    const id = template('id');
    return match === undefined ? undefined : { name, workflow, queue, match, id, exact, ...optional };
  });
}

function readDuration(fields: Fields, name: string): number {
  const ms = durationMs(fields.raw(name));
  if (ms !== undefined && ms <= LONGEST_MS) return ms;
  const allowed = 'an ISO 8601 duration like PT5M, of at most 366 days (P366D)';
  fields.wrong(name, `${name} is ${shown(fields.raw(name))}; allowed is ${allowed}`);
  return 0;
}
