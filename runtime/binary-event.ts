/** A CloudEvent in HTTP's binary mode. */
export interface BinaryEvent {
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: string;
}

/** Characters that a header's value may not have as they are: the HTTP binding 1.0, 3.1.3.2. */
const ENCODED_CHARACTER = /[^\x21-\x24\x26-\x7e]|"/gu;
/** Most values: quicker to see without Unicode. */
const SAFE_TEXT = /^[!#$&-~]*$/;

/** The UTF-8 bytes of a text, each as `%` and two hex digits. */
export const percentEncodeText = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** Percent-encodes what the binding says: all but printable ASCII, and `"` and `%`. */
export const encodeHeaderValue = (text: string): string =>
  SAFE_TEXT.test(text) ? text : text.replace(ENCODED_CHARACTER, percentEncodeText);

/** Names of headers by those of attributes, of which there are few. */
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
 * Writes an event whose attributes are given by name, `datacontenttype` as the content type. The package `cloudevents`
 * puts attributes into headers as they are, which fails for everything that is not Latin-1.
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
