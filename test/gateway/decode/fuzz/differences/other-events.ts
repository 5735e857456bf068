import { saysJson } from '../request-view.ts';
import { batched, binary, structured } from './example-request.ts';
import type { KnownDifference } from './known-difference.ts';

const EXACT_JSON = ['application/json', 'application/json; charset=utf-8'];

/** Events that both take, and of which the package makes something else. */
export const otherEvents: readonly KnownDifference[] = [
  {
    name: 'a time is made up',
    reason: 'it is optional (spec 1.0)',
    example: structured({}),
    explains: (found, { events }) =>
      found.what === 'attribute' &&
      found.name === 'time' &&
      found.ours === undefined &&
      (events[found.at]?.time ?? null) === null,
  },
  {
    name: 'a time that JavaScript does not read becomes now',
    reason: 'EventBridge’s own zones, and leap seconds, which RFC 3339 has',
    example: structured({ time: '2020-08-17T16:04:46.149Asia/Shanghai' }),
    explains: (found, { events }) =>
      found.what === 'attribute' &&
      found.name === 'time' &&
      found.ours === events[found.at]?.time &&
      Number.isNaN(Date.parse(String(found.ours))),
  },
  {
    name: 'header values are left as they came',
    reason:
      'they MUST be unquoted and percent-decoded (HTTP binding 3.1.3.2); raw UTF-8 is what sdk-go sends',
    example: binary({ 'ce-subject': 'Euro%20%E2%82%AC' }),
    explains: (found, { mode, headers }) =>
      found.what === 'attribute' &&
      mode === 'binary' &&
      found.theirs === headers[`ce-${found.name}`] &&
      /[%"\x80-\xff]|^\s|\s$/.test(String(found.theirs)),
  },
  {
    name: 'an attribute that is null stays null',
    reason: 'null is the same as absent (JSON format 2.2)',
    example: structured({ custom: null }),
    explains: (found, { events }) =>
      found.what === 'attribute' &&
      found.ours === undefined &&
      found.theirs === null &&
      events[found.at]?.[found.name] === null,
  },
  {
    name: 'data that is zero, false, empty or null is dropped',
    reason: 'any JSON is data, and null "distinct from the absence" (JSON format 3.1.1)',
    example: structured({ data: false }),
    explains: (found, { mode, events }) => {
      const { data, data_base64: base64 } = events[found.what === 'data' ? found.at : 0] ?? {};
      return (
        found.what === 'data' &&
        mode === 'structured' &&
        Object.keys(found.theirs).length === 0 &&
        (base64 === '' || (data !== undefined && !data))
      );
    },
  },
  {
    name: 'JSON in binary mode under a media type that is spelled in another way stays text',
    reason: 'any subtype json or +json is JSON, whatever its parameters (JSON format 3.1.1)',
    example: binary({ 'content-type': 'application/json;charset=utf-8' }, '{"a":1}'),
    explains: (found, { mode, contentType, text }) =>
      found.what === 'data' &&
      mode === 'binary' &&
      saysJson(contentType) &&
      !EXACT_JSON.includes(contentType) &&
      'data' in found.theirs &&
      found.theirs.data === text,
  },
  {
    name: 'JSON in binary mode that does not begin with [ { or " becomes text',
    reason: 'the package puts quotes around it',
    example: binary({ 'content-type': 'application/json' }, '5'),
    explains: (found, { mode, contentType, text = '' }) =>
      found.what === 'data' && mode === 'binary' && saysJson(contentType) && !/^[[{"]/.test(text),
  },
  {
    name: 'data_base64 of a JSON type is not read as JSON',
    reason: 'it MAY be (JSON format 3.1.2), and is the same event as in binary mode',
    example: batched({ datacontenttype: 'application/json', data_base64: 'eyJhIjoxfQ==' }),
    explains: (found, { mode, events }) => {
      const { datacontenttype, data_base64: base64 } = events[found.what === 'data' ? found.at : 0] ?? {};
      return (
        found.what === 'data' &&
        mode !== 'binary' &&
        saysJson(datacontenttype) &&
        typeof base64 === 'string' &&
        'data_base64' in found.theirs &&
        found.theirs.data_base64 === base64
      );
    },
  },
];
