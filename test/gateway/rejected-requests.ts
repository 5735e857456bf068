import { gzipSync } from 'node:zlib';
import type { Sent } from './http.ts';
import { anyEvent, BATCH, binary, JSON_TYPE, json, order, STRUCTURED } from './request-parts.ts';
import { BODY_LIMIT } from './running-gateway.ts';

interface RejectedRequest extends Sent {
  readonly name: string;
  readonly status: number;
  readonly error: RegExp;
  readonly allow?: string;
}

const eventWithout = (name: string) =>
  Object.fromEntries(Object.entries(anyEvent('x')).filter(([key]) => key !== name));

/** Requests that are rejected for good. `error` matches the name of the wrong part. */
export const rejectedRequests: readonly RejectedRequest[] = [
  ...['specversion', 'id', 'source', 'type'].map((name) => ({
    ...{ name: `no ${name}`, headers: STRUCTURED, body: json(eventWithout(name)) },
    ...{ status: 400, error: new RegExp(`\\b${name}\\b`) },
  })),
  ...['specversion', 'id', 'source', 'type'].map((name) => ({
    name: `no ce-${name}`,
    headers: Object.fromEntries(Object.entries(binary('x')).filter(([key]) => key !== `ce-${name}`)),
    ...{ status: 400, error: new RegExp(`\\b${name}\\b`) },
  })),
  {
    name: 'an unknown specversion',
    headers: STRUCTURED,
    body: json(anyEvent('x', { specversion: '19.0' })),
    status: 400,
    error: /specversion.*19\.0/,
  },
  {
    name: 'a malformed time',
    headers: STRUCTURED,
    body: json(anyEvent('x', { time: 'today' })),
    status: 400,
    error: /time.*today/,
  },
  {
    name: 'a body that is not JSON',
    headers: STRUCTURED,
    body: '{"specversion":',
    status: 400,
    error: /JSON/,
  },
  { name: 'no body', headers: STRUCTURED, status: 400, error: /empty/ },
  {
    name: 'neither headers nor an event',
    headers: { 'content-type': 'text/plain' },
    body: 'hello',
    status: 400,
    error: /hello/,
  },
  {
    name: 'a JSON object that is not an event',
    headers: JSON_TYPE,
    body: '{}',
    status: 400,
    error: /specversion/,
  },
  {
    name: 'a batch that is not an array',
    headers: BATCH,
    body: json(anyEvent('x')),
    status: 400,
    error: /array/,
  },
  {
    name: 'the second event of a batch',
    headers: BATCH,
    body: json([anyEvent('ok0'), eventWithout('id'), anyEvent('ok2')]),
    status: 400,
    error: /\b1\b.*\bid\b/,
  },
  {
    name: 'another kind of element in a batch',
    headers: BATCH,
    body: json([anyEvent('ok3'), anyEvent('ok4'), 5]),
    status: 400,
    error: /\b2\b/,
  },
  {
    name: 'a very long value',
    headers: STRUCTURED,
    body: json(anyEvent('x', { time: '😀'.repeat(9_000) })),
    status: 400,
    error: /time/,
  },
  {
    name: 'a very long attribute name',
    headers: STRUCTURED,
    body: json(anyEvent('x', { ['É'.repeat(9_000)]: 1 })),
    status: 400,
    error: /É/,
  },
  ...['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method) => ({
    ...{ name: `${method}`, method, path: '/unzip', headers: STRUCTURED, body: json(anyEvent('x')) },
    ...{ status: 405, error: /POST/, allow: 'POST' },
  })),
  {
    name: 'a body over the limit',
    headers: STRUCTURED,
    body: json(anyEvent('x')).padEnd(BODY_LIMIT + 1),
    status: 413,
    error: /65536/,
  },
  {
    name: 'a body over the limit after decompression',
    headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(10_000_000)),
    status: 413,
    error: /65536/,
  },
  {
    name: 'a format other than JSON',
    headers: { 'content-type': 'application/cloudevents+avro' },
    body: 'x',
    status: 415,
    error: /avro/,
  },
  {
    name: 'a batch format other than JSON',
    headers: { 'content-type': 'application/cloudevents-batch+protobuf' },
    body: 'x',
    status: 415,
    error: /protobuf/,
  },
  {
    name: 'an unknown content encoding',
    headers: { ...STRUCTURED, 'content-encoding': 'zstd9' },
    body: json(anyEvent('x')),
    status: 415,
    error: /zstd9/,
  },
  {
    name: 'a body that does not match its content encoding',
    headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    body: json(anyEvent('x')),
    status: 400,
    error: /./,
  },
  {
    name: 'an id that cannot be built',
    headers: STRUCTURED,
    body: json(order('x', {})),
    status: 422,
    error: /orders.*data\.order\.id/,
  },
  {
    name: 'an argument that cannot be built',
    headers: STRUCTURED,
    body: json({ ...order('x', null), data: null }),
    status: 422,
    error: /orders/,
  },
  {
    name: 'an event of a batch that cannot be started',
    headers: BATCH,
    body: json([anyEvent('ok5'), order('x', {})]),
    status: 422,
    error: /orders/,
  },
];
