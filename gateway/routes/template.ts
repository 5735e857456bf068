import { InvalidInput } from '../../domain/errors.ts';
import type { Report } from '../../runtime/schema.ts';
import { compilePlace, type Place, type Seen } from './place.ts';
import { Written } from './written.ts';

/** A value from the routes file with `{path}` places in its texts, ready to be filled from an event. */
export interface Template {
  /** The filled value, in which places may be `Written`; throws `InvalidInput` naming the path that the event lacks. */
  fill(seen: Seen): unknown;
}

const PLACE = /\{([^{}]*)\}/g;

/**
 * Compiles a template. A text that is one place keeps the JSON type of its value; `{path?}` may be missing: then a
 * field is left out, and within a longer text nothing is put there. Mistakes are reported, not thrown.
 */
export function compileTemplate(template: unknown, report: Report): Template {
  if (typeof template === 'string') return compileText(template, report);
  if (Array.isArray(template)) {
    const items = template.map((item, index) => compileTemplate(item, inside(index, report)));
    return { fill: (seen) => items.map((item) => item.fill(seen)) };
  }
  if (typeof template === 'object' && template !== null) {
    const fields = Object.entries(template).map(
      ([name, value]) => [name, compileTemplate(value, inside(name, report))] as const,
    );
    return {
      fill: (seen) =>
        Object.fromEntries(
          fields
            .map(([name, value]) => [name, value.fill(seen)] as const)
            .filter(([, value]) => value !== undefined),
        ),
    };
  }
  return { fill: () => template };
}

const inside =
  (key: string | number, report: Report): Report =>
  (path, message) =>
    report([key, ...path], message);

function compileText(text: string, report: Report): Template {
  if (/[{}]/.test(text.replace(PLACE, '')))
    report([], `${JSON.stringify(text)} has a brace without its pair`);
  const places = [...text.matchAll(PLACE)].map(([, place = '']) => compilePlace(place));
  for (const place of places) if (typeof place === 'string') report([], place);
  const sound = places.filter((place): place is Place => typeof place !== 'string');
  const [only] = sound;
  if (only !== undefined && `{${only.text}}` === text) return { fill: (seen) => only.look(seen) };
  return {
    fill: (seen) => {
      let next = 0;
      return text.replace(PLACE, (whole) => {
        const place = sound[next++];
        return place === undefined ? whole : textOf(place.look(seen), `the event's ${place.path}`);
      });
    },
  };
}

/** What a place's value is within a text, or as an id; a number keeps its digits. */
export function textOf(value: unknown, subject: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (value instanceof Written && /^[-\d]/.test(value.text)) return value.text;
  throw new InvalidInput('TemplateUnfilled', `${subject} is no text, number or boolean`);
}
