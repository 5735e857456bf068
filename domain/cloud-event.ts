/** A CloudEvents attribute value: a string, or one of the other types that the JSON format allows for extensions. */
export type AttributeValue = string | number | boolean;

/** An event's payload: JSON with any media type, or bytes. */
export type EventData =
  /** `json` has an `ExactNumber` for a number that JavaScript would change. `text` is the original JSON. */
  | { readonly json: unknown; readonly text?: string | undefined; readonly bytes?: undefined }
  | { readonly bytes: Buffer; readonly json?: undefined };

/** A validated CloudEvent 1.0: it has all required attributes, and Sluice added none. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339, unchanged. */
  readonly time?: string;
  /** Every attribute by name, including the ones above and unknown extensions; `specversion` is `1.0`. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Absent if the event has no payload. The payload `null` is a payload. */
  readonly data?: EventData;
}

/**
 * Returns the gateway's path to look up the runs of an event. Every client resolves a path segment `..`, even if it is
 * percent-encoded. So the query has the values if one of them is `.` or `..`.
 */
export function eventLookupPath({ source, id }: Pick<CloudEvent, 'source' | 'id'>): string {
  const [sourceText, idText] = [encodeURIComponent(source), encodeURIComponent(id)];
  const isDots = [source, id].some((value) => value === '.' || value === '..');
  return isDots ? `/events/lookup?source=${sourceText}&id=${idText}` : `/events/${sourceText}/${idText}`;
}

/** Returns the event in the CloudEvents JSON format: JSON as `data`, other payloads as `data_base64`. */
export function toJsonFormat({ attributes, data }: CloudEvent): Record<string, unknown> {
  if (data === undefined) return { ...attributes };
  if (data.bytes !== undefined) return { ...attributes, data_base64: data.bytes.toString('base64') };
  return { ...attributes, data: data.json };
}

/** Returns the event in JSON format as a text. JSON data stays exactly as the sender wrote it. */
export function toJsonText(event: CloudEvent): string {
  const { attributes, data } = event;
  if (data?.bytes !== undefined || data?.text === undefined) return JSON.stringify(toJsonFormat(event));
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${data.text}}`;
}
