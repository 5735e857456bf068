import type { FuzzRequest } from '../request-view.ts';

const required = { specversion: '1.0', id: '1', source: '/s', type: 't' };

/** An object of the JSON format with these members and the required ones. `undefined` removes a member. */
const textOf = (members: object): string => JSON.stringify({ ...required, ...members });

/** An event in structured mode with these members and the required ones. */
export function structured(members: object, contentType = 'application/cloudevents+json'): FuzzRequest {
  return {
    headers: contentType === '' ? {} : { 'content-type': contentType },
    body: Buffer.from(textOf(members)),
  };
}

/** A batch of one such event. */
export const batched = (
  members: object,
  contentType = 'application/cloudevents-batch+json',
): FuzzRequest => ({
  headers: { 'content-type': contentType },
  body: Buffer.from(`[${textOf(members)}]`),
});

/** An event in binary mode with these headers and the required ones. */
export const binary = (headers: Readonly<Record<string, string>>, body = ''): FuzzRequest => ({
  headers: { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't', ...headers },
  body: Buffer.from(body),
});
