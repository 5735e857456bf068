import type { Posted } from './knative-data-plane.ts';

/** An event in the JSON format of CloudEvents. */
export type Event = Readonly<Record<string, unknown>> & { readonly id: string };

/** Returns an order, which the route `orders` passes on unchanged. */
export const order = (id: string, more: Readonly<Record<string, unknown>> = {}): Event => ({
  ...{ specversion: '1.0', id, source: '/shop', type: 'order.placed' },
  ...{ datacontenttype: 'application/json', data: { order: id } },
  ...more,
});

/** Encodes an event in structured mode. */
export const structured = (event: Event): Posted => ({
  headers: { 'content-type': 'application/cloudevents+json' },
  body: JSON.stringify(event),
});

/** Encodes an event in binary mode. Attributes are sent in UTF-8 without percent-encoding, as most senders do. */
export function binary({ data, data_base64, datacontenttype, ...attributes }: Event): Posted {
  const headers = Object.entries(attributes).map(([name, value]) => [
    `ce-${name}`,
    Buffer.from(String(value)).toString('latin1'),
  ]);
  return {
    headers: { ...Object.fromEntries(headers), 'content-type': String(datacontenttype) },
    body: data_base64 === undefined ? JSON.stringify(data) : Buffer.from(String(data_base64), 'base64'),
  };
}

/** Returns a request with one header added or replaced. */
export const withHeader = ({ headers, body }: Posted, name: string, value: string): Posted => ({
  headers: { ...headers, [name]: value },
  body,
});
