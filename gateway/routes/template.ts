import { InvalidInput } from '../../domain/errors.ts';
import type { Report } from '../yaml/fields.ts';
import { compilePlace, type Place } from './place.ts';

/** A value from the routes file with `{path}` places in its texts, ready to be filled from an event. */
export interface Template {
  /** The filled value; throws `InvalidInput` naming the path that the event lacks. */
  fill(event: unknown): unknown;
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
    return { fill: (event) => items.map((item) => item.fill(event)) };
  }
  if (typeof template === 'object' && template !== null) {
    const fields = Object.entries(template).map(
      ([name, value]) => [name, compileTemplate(value, inside(name, report))] as const,
    );
    return {
      fill: (event) =>
        Object.fromEntries(
          fields
            .map(([name, value]) => [name, value.fill(event)] as const)
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
  if (only !== undefined && `{${only.text}}` === text) return { fill: (event) => only.look(event) };
  return {
    fill: (event) => {
      let next = 0;
      return text.replace(PLACE, (whole) => {
        const place = sound[next++];
        return place === undefined ? whole : textOf(place.look(event), place.path);
      });
    },
  };
}

function textOf(value: unknown, path: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new InvalidInput('TemplateUnfilled', `the event's ${path} is no text, number or boolean`);
}
