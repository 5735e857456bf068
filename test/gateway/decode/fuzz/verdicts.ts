import { CloudEvent, HTTP } from 'cloudevents';
import { toJsonFormat } from '../../../../domain/cloud-event.ts';
import { BadEvent } from '../../../../gateway/decode/bad-event.ts';
import { decodeRequest } from '../../../../gateway/decode/decode-request.ts';
import { type FuzzRequest, saysJson, textOf, viewOf } from './request-view.ts';

/** An event in CloudEvents' JSON format, forms that mean the same made one. */
export type Normal = Readonly<Record<string, unknown>>;

/** What a decoder made of a request. */
export type Verdict =
  | { readonly events: readonly Normal[] }
  | { readonly refused: string; readonly attribute?: string | undefined };

/** Our decoder's verdict; whatever it throws but a `BadEvent` is thrown on. */
export function ours(request: FuzzRequest): Verdict {
  try {
    return { events: decodeRequest(request).events.map((event) => normal(toJsonFormat(event), false)) };
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    return { refused: error.message, attribute: error.attribute };
  }
}

/** The verdict of the package `cloudevents`, which has said yes only where `validate()` has. */
export function theirs(request: FuzzRequest): Verdict {
  const isBinary = viewOf(request).mode === 'binary';
  try {
    const body = request.body.length === 0 ? undefined : (textOf(request.body) ?? request.body);
    const events = [HTTP.toEvent({ headers: { ...request.headers }, body })].flat();
    return {
      events: events.map((event) => {
        if (!(event instanceof CloudEvent) || !event.validate()) throw new Error('not validated');
        return normal(event.toJSON(), isBinary);
      }),
    };
  } catch (error) {
    return { refused: String(error) };
  }
}

/**
 * As JSON would carry it, with base64 in its canonical form, text of a type that is not JSON as the bytes it stands for
 * (in binary mode, where that is what a body is, without a type too), and the time as its instant.
 */
function normal(event: Record<string, unknown>, isBinary: boolean): Normal {
  const {
    data,
    data_base64: base64,
    time,
    ...rest
  } = JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
  const type = rest.datacontenttype ?? undefined;
  const isText = typeof data === 'string' && (type === undefined ? isBinary : !saysJson(type));
  const bytes = isText
    ? Buffer.from(data)
    : typeof base64 === 'string'
      ? Buffer.from(base64, 'base64')
      : undefined;
  const instant = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return {
    ...rest,
    ...(time === undefined ? {} : { time: Number.isNaN(instant) ? time : instant }),
    ...(bytes === undefined
      ? data === undefined
        ? {}
        : { data }
      : { data_base64: bytes.toString('base64') }),
  };
}
