import type { RawRequest } from '../../../../gateway/decode/decode-request.ts';

/** A request of the fuzz test: header names in lower case, values as Node.js gives them. */
export interface FuzzRequest extends RawRequest {
  readonly headers: Readonly<Record<string, string>>;
}

/** A request as this test reads it, independently of the decoders, to find which known difference applies. */
export interface RequestView {
  readonly mode: 'binary' | 'structured' | 'batch' | 'bare';
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  /** The body as text, if it is UTF-8. */
  readonly text: string | undefined;
  /** The events as they are in the request: JSON objects, or the `ce-*` headers without their prefix. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** Returns the body as text; undefined if it is not UTF-8. Keeps a byte order mark. */
export function textOf(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

export function viewOf({ headers, body }: FuzzRequest): RequestView {
  const contentType = headers['content-type'] ?? '';
  const text = textOf(body);
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, value]) => [name.slice(3), value] as const);
  const mode = /^application\/cloudevents-batch/i.test(contentType)
    ? 'batch'
    : /^application\/cloudevents/i.test(contentType)
      ? 'structured'
      : attributes.length > 0
        ? 'binary'
        : 'bare';
  const events = mode === 'binary' ? [Object.fromEntries(attributes)] : objectsIn(text);
  return { mode, headers, contentType, text, events };
}

function objectsIn(text = ''): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.filter(
      (item): item is Record<string, unknown> => typeof item === 'object' && item !== null,
    );
  } catch {
    return [];
  }
}

/** Returns true if the subtype is json or ends with +json (CloudEvents JSON format, 3.1.1). Ignores parameters. */
export const isJsonType = (type: unknown): boolean =>
  typeof type === 'string' && /^[^/;]+\/(?:[^/;]+\+)?json\s*(?:;|$)/i.test(type);

/** Returns true if a text is JSON. */
export function isJsonText(text: string | undefined): boolean {
  try {
    JSON.parse((text ?? '').replace(/^\ufeff/, ''));
    return true;
  } catch {
    return false;
  }
}
