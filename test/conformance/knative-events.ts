import type { Posted } from './knative-data-plane.ts';

/** An event in CloudEvents' JSON format. */
export type Event = Readonly<Record<string, unknown>> & { readonly id: string };

/** An order; its route takes it whole. */
export const order = (id: string, more: Readonly<Record<string, unknown>> = {}): Event => ({
  ...{ specversion: '1.0', id, source: '/shop', type: 'order.placed' },
  ...{ datacontenttype: 'application/json', data: { order: id } },
  ...more,
});

/** It in structured mode. */
export const structured = (event: Event): Posted => ({
  headers: { 'content-type': 'application/cloudevents+json' },
  body: JSON.stringify(event),
});

/** It in binary mode; attributes go as they are, in UTF-8 and not encoded, as most senders have it. */
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

/** It with a header more, or another one. */
export const withHeader = ({ headers, body }: Posted, name: string, value: string): Posted => ({
  headers: { ...headers, [name]: value },
  body,
});
