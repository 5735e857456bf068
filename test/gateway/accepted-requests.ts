import { gzipSync } from 'node:zlib';
import type { Sent } from './http.ts';
import { anyEvent, BATCH, binary, JSON_TYPE, json, STRUCTURED } from './request-parts.ts';
import { BODY_LIMIT } from './running-gateway.ts';

/** Ids of events from `/s` whose Location has 4,096 characters, the maximum, and one more. */
const [longId, tooLongId] = [4_096, 4_097].map((length) => 'x'.repeat(length - '/events/%2Fs/'.length));

interface AcceptedRequest extends Sent {
  readonly name: string;
  /** Ids of the events (`any.event` from `/s`) whose runs must be started. */
  readonly starts: readonly string[];
  readonly location?: string;
}

/** Requests that are answered 202, and the runs that they start. */
export const acceptedRequests: readonly AcceptedRequest[] = [
  ...['/', '/events', '/unzip'].map((path, at) => ({
    ...{ name: `an event on ${path}`, path, headers: STRUCTURED, body: json(anyEvent(`path${at}`)) },
    ...{ starts: [`path${at}`], location: `/events/%2Fs/path${at}` },
  })),
  {
    ...{ name: 'binary mode', headers: { ...binary('bin'), ...JSON_TYPE }, body: '{"a":1}' },
    ...{ starts: ['bin'], location: '/events/%2Fs/bin' },
  },
  {
    ...{ name: 'binary mode without a body', headers: binary('bare-bin') },
    ...{ starts: ['bare-bin'], location: '/events/%2Fs/bare-bin' },
  },
  {
    name: 'a media type in mixed case with parameters',
    headers: { 'content-type': 'Application/CloudEvents+JSON ; Charset=UTF-8' },
    ...{ body: json(anyEvent('case')), starts: ['case'], location: '/events/%2Fs/case' },
  },
  {
    name: 'bare structured JSON, as EventBridge pushes it',
    headers: { 'content-type': 'application/json;charset=utf-8' },
    ...{ body: json(anyEvent('bare')), starts: ['bare'], location: '/events/%2Fs/bare' },
  },
  {
    name: 'the form content type that curl -d sends',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    ...{ body: json(anyEvent('form')), starts: ['form'], location: '/events/%2Fs/form' },
  },
  {
    name: 'a body in gzip',
    headers: { ...STRUCTURED, 'content-encoding': 'gzip' },
    ...{ body: gzipSync(json(anyEvent('zipped'))), starts: ['zipped'], location: '/events/%2Fs/zipped' },
  },
  {
    name: 'an id that must be percent-encoded in Location',
    headers: STRUCTURED,
    body: json(anyEvent('a/b c?#%é', { source: '/s' })),
    starts: ['a/b c?#%é'],
    location: '/events/%2Fs/a%2Fb%20c%3F%23%25%C3%A9',
  },
  {
    ...{ name: 'a Location of 4,096 characters', headers: STRUCTURED, body: json(anyEvent(`${longId}`)) },
    ...{ starts: [], location: `/events/%2Fs/${longId}` },
  },
  {
    ...{ name: 'no Location, because it would be longer', headers: STRUCTURED },
    ...{ body: json(anyEvent(`${tooLongId}`)), starts: [] },
  },
  {
    ...{
      name: 'a batch',
      headers: BATCH,
      body: json([anyEvent('b0'), anyEvent('b1')]),
      starts: ['b0', 'b1'],
    },
  },
  {
    name: 'an array of events under application/json',
    headers: JSON_TYPE,
    body: json([anyEvent('j')]),
    starts: ['j'],
  },
  { name: 'an empty batch', headers: BATCH, body: '[]', starts: [] },
  {
    name: 'an event that no route matches',
    headers: STRUCTURED,
    body: json(anyEvent('n', { type: 'no' })),
    starts: [],
  },
  {
    name: 'a batch that matches partly',
    headers: BATCH,
    body: json([anyEvent('p', { type: 'no' }), anyEvent('q')]),
    starts: ['q'],
  },
  {
    name: 'a body of 64 KiB',
    ...{ headers: STRUCTURED, body: json(anyEvent('full')).padEnd(BODY_LIMIT), starts: ['full'] },
    location: '/events/%2Fs/full',
  },
];
