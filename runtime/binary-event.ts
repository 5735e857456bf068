/** A CloudEvent in HTTP's binary mode. */
export interface BinaryEvent {
  /** Names and values alternately. */
  readonly headers: string[];
  readonly body: string;
}

/** Characters that must be encoded in a header value (HTTP binding 1.0, 3.1.3.2). */
const ENCODED_CHARACTER = /[^\x21-\x24\x26-\x7e]|"/gu;
/** Matches the values that need no encoding, which are most values. Faster than the Unicode pattern. */
const SAFE_TEXT = /^[!#$&-~]*$/;

/** Percent-encodes the UTF-8 bytes of a text. */
export const percentEncodeText = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** Percent-encodes space, `"`, `%`, and every character that is not printable ASCII, as the binding requires. */
export const encodeHeaderValue = (text: string): string =>
  SAFE_TEXT.test(text) ? text : text.replace(ENCODED_CHARACTER, percentEncodeText);

/** A cache of header names by attribute names. Events use few different names. */
const headerNames = new Map<string, string>();
const MAX_CACHED_NAMES = 1_000;

function headerName(attribute: string): string {
  const known = headerNames.get(attribute);
  if (known !== undefined) return known;
  const name = attribute === 'datacontenttype' ? 'content-type' : `ce-${attribute}`;
  if (headerNames.size < MAX_CACHED_NAMES) headerNames.set(attribute, name);
  return name;
}

/**
 * Encodes an event. The keys of `attributes` are the names of the attributes. `datacontenttype` becomes the content
 * type. The package `cloudevents` does not encode attributes in headers, so it fails for text that is not Latin-1.
 */
export function toBinaryEvent(
  attributes: Readonly<Record<string, string | number | boolean>>,
  body: string,
): BinaryEvent {
  const headers: string[] = [];
  for (const name of Object.keys(attributes)) {
    const value = String(attributes[name]);
    headers.push(headerName(name), name === 'datacontenttype' ? value : encodeHeaderValue(value));
  }
  return { headers, body };
}
