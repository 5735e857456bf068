import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { ACCOUNT_ID } from '../account.ts';
import { OssError } from './oss-error.ts';

/** The content of an XML document: texts, nested elements, and arrays for repeated elements. Undefined is omitted. */
export interface XmlElements {
  readonly [name: string]:
    | string
    | number
    | boolean
    | undefined
    | XmlElements
    | readonly (string | XmlElements)[];
}

const builder = new XMLBuilder({});

/** Keeps every text as it is: keys may look like numbers, and may begin or end with spaces. */
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreAttributes: true,
  htmlEntities: true,
});

/** Writes a document with one root element. */
export function writeXml(root: string, elements: XmlElements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ [root]: elements })}`;
}

/** Reads a document and returns the content of its root element. Throws MalformedXML. */
export function readXml(text: string, root: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = parser.parse(text, true);
  } catch {
    throw malformedXml();
  }
  const elements = elementsOf(elementsOf(parsed)?.[root]);
  if (elements === undefined) throw malformedXml();
  return elements;
}

/** Returns the parser's `value` as a list: `value` is undefined, one element, or an array of several elements. */
export function childElements(value: unknown): Readonly<Record<string, unknown>>[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return items.map((item) => {
    const elements = elementsOf(item);
    if (elements === undefined) throw malformedXml();
    return elements;
  });
}

export const malformedXml = (): OssError =>
  new OssError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our schema.',
  );

function elementsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

/** The account in XML answers. */
export const owner = { ID: ACCOUNT_ID, DisplayName: ACCOUNT_ID };

/** Formats a time for XML: whole seconds, always with `.000Z`, which oss2 requires. */
export function ossTime(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}
