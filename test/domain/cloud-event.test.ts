import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EventData, toJsonFormat } from '../../domain/cloud-event.ts';

const attributes = { specversion: '1.0', id: '1', source: '/s', type: 't', custom: 5 };

const rows: readonly (readonly [name: string, data: EventData | undefined, expected: object])[] = [
  ['no data member if there is no payload', undefined, {}],
  ['JSON as data', { json: { a: [1] } }, { data: { a: [1] } }],
  ['a null payload as null', { json: null }, { data: null }],
  ['false as false', { json: false }, { data: false }],
  ['the empty text as the empty text', { json: '' }, { data: '' }],
  ['bytes as data_base64', { bytes: Buffer.from([0, 255]) }, { data_base64: 'AP8=' }],
  ['an empty payload of bytes as an empty data_base64', { bytes: Buffer.alloc(0) }, { data_base64: '' }],
];

for (const [name, data, expected] of rows) {
  test(`the JSON format writes ${name}`, () => {
    const event = { id: '1', source: '/s', type: 't', attributes, ...(data === undefined ? {} : { data }) };
    assert.deepEqual(toJsonFormat(event), { ...attributes, ...expected });
  });
}
