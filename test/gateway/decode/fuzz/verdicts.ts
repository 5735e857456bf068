import { CloudEvent, HTTP } from 'cloudevents';
import { toJsonFormat } from '../../../../domain/cloud-event.ts';
import { BadEvent } from '../../../../gateway/decode/bad-event.ts';
import { decodeRequest } from '../../../../gateway/decode/decode-request.ts';
import { type FuzzRequest, isJsonType, textOf, viewOf } from './request-view.ts';

/** An event in CloudEvents' JSON format. Equivalent forms are normalised to one form. */
export type NormalizedEvent = Readonly<Record<string, unknown>>;

/** A decoder's result for a request. */
export type Verdict =
  | { readonly events: readonly NormalizedEvent[] }
  | { readonly rejection: string; readonly attribute?: string | undefined };

/** Returns the verdict of Sluice's decoder. Rethrows every error except `BadEvent`. */
export function verdictOfSluice(request: FuzzRequest): Verdict {
  try {
    return {
      events: decodeRequest(request).events.map((event) => normalizeEvent(toJsonFormat(event), false)),
    };
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    return { rejection: error.message, attribute: error.attribute };
  }
}

/** Returns the verdict of the package `cloudevents`, which accepts an event only if `validate()` does. */
export function verdictOfPackage(request: FuzzRequest): Verdict {
  const isBinary = viewOf(request).mode === 'binary';
  try {
    const body = request.body.length === 0 ? undefined : (textOf(request.body) ?? request.body);
    const events = [HTTP.toEvent({ headers: { ...request.headers }, body })].flat();
    return {
      events: events.map((event) => {
        if (!(event instanceof CloudEvent) || !event.validate()) throw new Error('not validated');
        return normalizeEvent(event.toJSON(), isBinary);
      }),
    };
  } catch (error) {
    return { rejection: String(error) };
  }
}

/**
 * Normalises an event. Base64 becomes canonical, the time becomes an instant, and text becomes bytes if its media type
 * is not JSON. In binary mode, text without a media type becomes bytes, too, because a body is bytes.
 */
function normalizeEvent(event: Record<string, unknown>, isBinary: boolean): NormalizedEvent {
  const {
    data,
    data_base64: base64,
    time,
    ...rest
  } = JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
  const type = rest.datacontenttype ?? undefined;
  const isText = typeof data === 'string' && (type === undefined ? isBinary : !isJsonType(type));
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
