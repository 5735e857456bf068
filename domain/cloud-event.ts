/** A CloudEvents attribute value: text, or what the JSON format also allows for extensions. */
export type AttributeValue = string | number | boolean;

/** An event's payload: JSON, whatever its media type says, or bytes. */
export type EventData =
  /** `text` is the JSON as it was written: a parsed number may be another (64-bit ids). */
  | { readonly json: unknown; readonly text?: string | undefined; readonly bytes?: undefined }
  | { readonly bytes: Buffer; readonly json?: undefined };

/** A CloudEvent 1.0 that has been checked: the required attributes are there, nothing was invented. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339 as it came. */
  readonly time?: string;
  /** Every attribute by its name, the four above and unknown extensions included; `specversion` is `1.0`. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Absent when the event has no payload, which is not the same as `null`. */
  readonly data?: EventData;
}

/** The event in CloudEvents' JSON format: JSON as `data`, else `data_base64`. */
export function toJsonFormat({ attributes, data }: CloudEvent): Record<string, unknown> {
  if (data === undefined) return { ...attributes };
  if (data.bytes !== undefined) return { ...attributes, data_base64: data.bytes.toString('base64') };
  return { ...attributes, data: data.json };
}

/** The event in JSON format as a text, in which JSON data is as it was written. */
export function toJsonText(event: CloudEvent): string {
  const { attributes, data } = event;
  if (data?.bytes !== undefined || data?.text === undefined) return JSON.stringify(toJsonFormat(event));
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${data.text}}`;
}
