import { isJsonText, isJsonType } from '../request-view.ts';
import { batched, binary, structured } from './example-request.ts';
import type { KnownDifference } from './known-difference.ts';

const EXACT_JSON = ['application/json', 'application/json; charset=utf-8'];

/** Events that Sluice and the package `cloudevents` accept, but that the package changes. */
export const otherEvents: readonly KnownDifference[] = [
  {
    name: 'an object or array in binary mode without a media type, or with that of a form, stays text',
    reason: 'the SDK for Python sends no media type, and curl -d sends that of a form',
    example: binary({}, '{"a":1}'),
    explains: (found, { mode, contentType, text = '' }) =>
      found.kind === 'data' &&
      mode === 'binary' &&
      /^(?:|application\/x-www-form-urlencoded)$/i.test(contentType.split(';')[0]?.trim() ?? '') &&
      /^\ufeff?\s*[[{]/.test(text) &&
      isJsonText(text),
  },
  {
    name: 'a generated time',
    reason: 'it is optional (spec 1.0)',
    example: structured({}),
    explains: (found, { events }) =>
      found.kind === 'attribute' &&
      found.name === 'time' &&
      found.bySluice === undefined &&
      (events[found.at]?.time ?? null) === null,
  },
  {
    name: 'a time that JavaScript cannot parse is replaced by the current time',
    reason: 'EventBridge sends its own zones, and RFC 3339 has leap seconds',
    example: structured({ time: '2020-08-17T16:04:46.149Asia/Shanghai' }),
    explains: (found, { events }) =>
      found.kind === 'attribute' &&
      found.name === 'time' &&
      found.bySluice === events[found.at]?.time &&
      Number.isNaN(Date.parse(String(found.bySluice))),
  },
  {
    name: 'header values are not decoded',
    reason: 'they MUST be unquoted and percent-decoded (HTTP binding 3.1.3.2); sdk-go sends raw UTF-8',
    example: binary({ 'ce-subject': 'Euro%20%E2%82%AC' }),
    explains: (found, { mode, headers }) =>
      found.kind === 'attribute' &&
      mode === 'binary' &&
      found.byPackage === headers[`ce-${found.name}`] &&
      /[%"\x80-\xff]|^\s|\s$/.test(String(found.byPackage)),
  },
  {
    name: 'an attribute that is null stays null',
    reason: 'null is the same as absent (JSON format 2.2)',
    example: structured({ custom: null }),
    explains: (found, { events }) =>
      found.kind === 'attribute' &&
      found.bySluice === undefined &&
      found.byPackage === null &&
      events[found.at]?.[found.name] === null,
  },
  {
    name: 'data that is zero, false, empty or null is dropped',
    reason: 'any JSON value is data, and null is "distinct from the absence" (JSON format 3.1.1)',
    example: structured({ data: false }),
    explains: (found, { mode, events }) => {
      const { data, data_base64: base64 } = events[found.kind === 'data' ? found.at : 0] ?? {};
      return (
        found.kind === 'data' &&
        mode === 'structured' &&
        Object.keys(found.byPackage).length === 0 &&
        (base64 === '' || (data !== undefined && !data))
      );
    },
  },
  {
    name: 'JSON in binary mode with a differently spelled media type stays text',
    reason: 'every subtype json or +json is JSON, with any parameters (JSON format 3.1.1)',
    example: binary({ 'content-type': 'application/json;charset=utf-8' }, '{"a":1}'),
    explains: (found, { mode, contentType, text }) =>
      found.kind === 'data' &&
      mode === 'binary' &&
      isJsonType(contentType) &&
      !EXACT_JSON.includes(contentType) &&
      'data' in found.byPackage &&
      found.byPackage.data === text,
  },
  {
    name: 'JSON in binary mode that does not start with [ { or " becomes text',
    reason: 'the package adds quotes around it',
    example: binary({ 'content-type': 'application/json' }, '5'),
    explains: (found, { mode, contentType, text = '' }) =>
      found.kind === 'data' && mode === 'binary' && isJsonType(contentType) && !/^[[{"]/.test(text),
  },
  {
    name: 'data_base64 with a JSON media type is not parsed as JSON',
    reason: 'parsing is allowed (JSON format 3.1.2), and gives the same event as binary mode',
    example: batched({ datacontenttype: 'application/json', data_base64: 'eyJhIjoxfQ==' }),
    explains: (found, { mode, events }) => {
      const { datacontenttype, data_base64: base64 } = events[found.kind === 'data' ? found.at : 0] ?? {};
      return (
        found.kind === 'data' &&
        mode !== 'binary' &&
        isJsonType(datacontenttype) &&
        typeof base64 === 'string' &&
        'data_base64' in found.byPackage &&
        found.byPackage.data_base64 === base64
      );
    },
  },
];
