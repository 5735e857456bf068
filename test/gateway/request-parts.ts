/** The content types of the modes, and other shortcuts for tables of requests. */
export const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
export const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
export const JSON_TYPE = { 'content-type': 'application/json' };

/** An event for the route `whole`. */
export const anyEvent = (id: string, attributes: object = {}) => ({
  ...{ specversion: '1.0', id, source: '/s', type: 'any.event' },
  ...attributes,
});
/** An event for the route `orders`. */
export const order = (id: string, data: unknown) => ({
  ...{ specversion: '1.0', id, source: '/shop', type: 'order.placed', data },
});
export const json = (value: unknown): string => JSON.stringify(value);

/** The headers of `anyEvent(id)` in binary mode. */
export const binary = (id: string) => ({
  ...{ 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/s', 'ce-type': 'any.event' },
});
