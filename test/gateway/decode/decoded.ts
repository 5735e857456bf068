import assert from 'node:assert/strict';
import { type CloudEvent, toJsonFormat } from '../../../domain/cloud-event.ts';
import { BadEvent } from '../../../gateway/decode/bad-event.ts';
import { decodeRequest } from '../../../gateway/decode/decode-request.ts';

type Headers = Readonly<Record<string, string>>;

/** Decodes the events of a request with these headers and this body. */
export function decodeAll(headers: Headers, body: string | Buffer = ''): readonly CloudEvent[] {
  return decodeRequest({ headers, body: Buffer.from(body as string) }).events;
}

/** Decodes the single event of a request, in CloudEvents' JSON format. */
export function decode(headers: Headers, body: string | Buffer = ''): Record<string, unknown> {
  const [event, ...more] = decodeAll(headers, body);
  assert.ok(event !== undefined && more.length === 0);
  return toJsonFormat(event);
}

/** Asserts that a request is rejected with 400 and the name of the attribute. */
export function assertBad(attribute: string, headers: Headers, body: string | Buffer = ''): void {
  assert.throws(
    () => decodeAll(headers, body),
    (error) => {
      assert.ok(error instanceof BadEvent, String(error));
      assert.equal(error.status, 400);
      assert.equal(error.attribute, attribute);
      assert.ok(error.message.includes(attribute), error.message);
      return true;
    },
  );
}

/** The headers of an event in structured mode. */
export const STRUCTURED: Headers = { 'content-type': 'application/cloudevents+json' };

/** The headers of a binary event with only the required attributes. */
export const BINARY: Headers = {
  ...{ 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' },
};
