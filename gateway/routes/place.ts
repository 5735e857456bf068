import { InvalidInput } from '../../domain/errors.ts';
import { slotStart, slotsOf } from '../../domain/time-slot.ts';
import { instantOf } from '../../domain/time-stamp.ts';
import { isRounded, textAt, Written } from './written.ts';

/** An event as templates see it. */
export interface Seen {
  /** In CloudEvents' JSON format. */
  readonly view: unknown;
  /** Its `data` as it was written, where that is JSON. */
  readonly dataText?: string | undefined;
}

/** A place in a template: `{path}`, `{path?}` where it may be missing, `{path|slot:PT3H,Asia/Shanghai}` for a time's slot. */
export interface Place {
  /** As written, without the braces. */
  readonly text: string;
  readonly path: string;
  /**
   * The event's value there, `Written` where it has numbers that parsing changes; throws `InvalidInput` when it is
   * missing, or not what the place needs.
   */
  look(seen: Seen): unknown;
}

const PLACE = /^([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(\?)?(?:\|([a-z]+):([^|]*))?$/;

/** Compiles what stands between the braces, or answers a sentence that says what is wrong. */
export function compilePlace(text: string): Place | string {
  const [, path = '', optional, filter, parameters = ''] = PLACE.exec(text) ?? [];
  if (path === '') return `{${text}} is no path of an event, like {data.order.id}`;
  const look = (seen: Seen): unknown => {
    const value = valueAt(seen.view, path);
    if (value === undefined && optional === undefined)
      throw new InvalidInput('TemplateUnfilled', `the event has no ${path}`);
    return isRounded(value) ? writtenAt(seen, path) : value;
  };
  if (filter === undefined) return { text, path, look };
  if (filter !== 'slot') return `{${text}} has the unknown filter ${JSON.stringify(filter)}; known is slot`;
  const [duration = '', zone = ''] = parameters.split(',').map((part) => part.trim());
  const slots = slotsOf(duration, zone);
  if (typeof slots === 'string') return `{${text}}: ${slots}`;
  return {
    text,
    path,
    look(seen) {
      const value = look(seen);
      if (value === undefined) return undefined;
      const instant = typeof value === 'string' ? instantOf(value) : undefined;
      if (instant === undefined)
        throw new InvalidInput('TemplateUnfilled', `the event's ${path} is no RFC 3339 timestamp`);
      return slotStart(instant, slots);
    },
  };
}

/** Only own fields count; null is as good as missing. */
function valueAt(event: unknown, path: string): unknown {
  let value = event;
  for (const key of path.split('.')) {
    const has = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    value = has ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value ?? undefined;
}

function writtenAt({ dataText }: Seen, path: string): Written {
  const [, ...within] = path.split('.');
  const text = dataText === undefined ? undefined : textAt(dataText, within);
  if (text !== undefined) return new Written(text);
  throw new InvalidInput(
    'TemplateUnfilled',
    `the event's ${path} has a number that is too large to be exact`,
  );
}
