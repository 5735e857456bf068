import { InvalidInput } from '../../domain/errors.ts';

/** A value from the routes file with `{path}` places in its texts, ready to be filled from an event. */
export interface Template {
  /** The filled value; throws `InvalidInput` naming the path that the event lacks. */
  fill(event: unknown): unknown;
}

/** A template that was written wrongly; the message says how, `path` leads to the place within the template. */
export class TemplateError extends Error {
  readonly path: readonly (string | number)[];

  constructor(message: string, path: readonly (string | number)[] = []) {
    super(message);
    this.path = path;
  }
}

const PLACE = /\{([^{}]*)\}/g;
const PATH = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\??$/;

/**
 * Compiles a template. A text that is one place keeps the JSON type of its value; `{path?}` may be missing: then a
 * field is left out, and within a longer text nothing is put there.
 */
export function compileTemplate(template: unknown): Template {
  if (typeof template === 'string') return compileText(template);
  if (Array.isArray(template)) {
    const items = template.map((item, index) => compileInside(index, item));
    return { fill: (event) => items.map((item) => item.fill(event)) };
  }
  if (typeof template === 'object' && template !== null) {
    const fields = Object.entries(template).map(
      ([name, value]) => [name, compileInside(name, value)] as const,
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

function compileInside(key: string | number, template: unknown): Template {
  try {
    return compileTemplate(template);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(error.message, [key, ...error.path]);
  }
}

function compileText(text: string): Template {
  const places = [...text.matchAll(PLACE)];
  if (/[{}]/.test(text.replace(PLACE, '')))
    throw new TemplateError(`${JSON.stringify(text)} has a brace without its pair`);
  for (const [, path = ''] of places) {
    if (!PATH.test(path)) throw new TemplateError(`{${path}} is no path of an event, like {data.order.id}`);
  }
  const [only] = places;
  if (places.length === 1 && only?.[0] === text) return { fill: (event) => look(event, only[1] ?? '') };
  return {
    fill: (event) => text.replace(PLACE, (_, path: string) => textOf(look(event, path), path)),
  };
}

function look(event: unknown, place: string): unknown {
  const optional = place.endsWith('?');
  const path = optional ? place.slice(0, -1) : place;
  let value = event;
  for (const key of path.split('.')) {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    value = inside ? (value as Record<string, unknown>)[key] : undefined;
  }
  if ((value === undefined || value === null) && !optional) {
    throw new InvalidInput('TemplateUnfilled', `the event has no ${path}`);
  }
  return value ?? undefined;
}

function textOf(value: unknown, path: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new InvalidInput('TemplateUnfilled', `the event's ${path} is no text, number or boolean`);
}
