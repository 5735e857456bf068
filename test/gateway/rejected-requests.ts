import { gzipSync } from 'node:zlib';
import type { Sent } from './http.ts';
import { any, BATCH, binary, JSON_TYPE, json, order, STRUCTURED } from './request-parts.ts';
import { BODY_LIMIT } from './running-gateway.ts';

interface Refused extends Sent {
  readonly name: string;
  readonly status: number;
  readonly says: RegExp;
  readonly allow?: string;
}

const without = (name: string) =>
  Object.fromEntries(Object.entries(any('x')).filter(([key]) => key !== name));

/** Requests that are refused for good; sentences name the culprit. */
export const refused: readonly Refused[] = [
  ...['specversion', 'id', 'source', 'type'].map((name) => ({
    ...{ name: `no ${name}`, headers: STRUCTURED, body: json(without(name)) },
    ...{ status: 400, says: new RegExp(`\\b${name}\\b`) },
  })),
  ...['specversion', 'id', 'source', 'type'].map((name) => ({
    name: `no ce-${name}`,
    headers: Object.fromEntries(Object.entries(binary('x')).filter(([key]) => key !== `ce-${name}`)),
    ...{ status: 400, says: new RegExp(`\\b${name}\\b`) },
  })),
  {
    name: 'an unknown specversion',
    headers: STRUCTURED,
    body: json(any('x', { specversion: '19.0' })),
    status: 400,
    says: /specversion.*19\.0/,
  },
  {
    name: 'a malformed time',
    headers: STRUCTURED,
    body: json(any('x', { time: 'today' })),
    status: 400,
    says: /time.*today/,
  },
  { name: 'a body that is no JSON', headers: STRUCTURED, body: '{"specversion":', status: 400, says: /JSON/ },
  { name: 'no body', headers: STRUCTURED, status: 400, says: /empty/ },
  {
    name: 'neither headers nor an event',
    headers: { 'content-type': 'text/plain' },
    body: 'hello',
    status: 400,
    says: /hello/,
  },
  {
    name: 'a JSON object that is no event',
    headers: JSON_TYPE,
    body: '{}',
    status: 400,
    says: /specversion/,
  },
  { name: 'a batch that is no array', headers: BATCH, body: json(any('x')), status: 400, says: /array/ },
  {
    name: 'the second of a batch',
    headers: BATCH,
    body: json([any('ok0'), without('id'), any('ok2')]),
    status: 400,
    says: /\b1\b.*\bid\b/,
  },
  {
    name: 'another element of a batch',
    headers: BATCH,
    body: json([any('ok3'), any('ok4'), 5]),
    status: 400,
    says: /\b2\b/,
  },
  {
    name: 'a value of a megabyte’s worth',
    headers: STRUCTURED,
    body: json(any('x', { time: '😀'.repeat(9_000) })),
    status: 400,
    says: /time/,
  },
  {
    name: 'a name of many bytes',
    headers: STRUCTURED,
    body: json(any('x', { ['É'.repeat(9_000)]: 1 })),
    status: 400,
    says: /É/,
  },
  ...['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method) => ({
    ...{ name: `${method}`, method, path: '/unzip', headers: STRUCTURED, body: json(any('x')) },
    ...{ status: 405, says: /POST/, allow: 'POST' },
  })),
  {
    name: 'a body over the limit',
    headers: STRUCTURED,
    body: json(any('x')).padEnd(BODY_LIMIT + 1),
    status: 413,
    says: /65536/,
  },
  {
    name: 'a body over the limit once unzipped',
    headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(10_000_000)),
    status: 413,
    says: /65536/,
  },
  {
    name: 'a format other than JSON',
    headers: { 'content-type': 'application/cloudevents+avro' },
    body: 'x',
    status: 415,
    says: /avro/,
  },
  {
    name: 'a batch format other than JSON',
    headers: { 'content-type': 'application/cloudevents-batch+protobuf' },
    body: 'x',
    status: 415,
    says: /protobuf/,
  },
  {
    name: 'an unknown content encoding',
    headers: { ...STRUCTURED, 'content-encoding': 'zstd9' },
    body: json(any('x')),
    status: 415,
    says: /zstd9/,
  },
  {
    name: 'a body that is not what its encoding says',
    headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    body: json(any('x')),
    status: 400,
    says: /./,
  },
  {
    name: 'an id that cannot be built',
    headers: STRUCTURED,
    body: json(order('x', {})),
    status: 422,
    says: /orders.*data\.order\.id/,
  },
  {
    name: 'an argument that cannot be built',
    headers: STRUCTURED,
    body: json({ ...order('x', null), data: null }),
    status: 422,
    says: /orders/,
  },
  {
    name: 'one of a batch that cannot be built',
    headers: BATCH,
    body: json([any('ok5'), order('x', {})]),
    status: 422,
    says: /orders/,
  },
];
