/**
 * What the HTTP status of an event sink means for the sender. `no rights`: the sink does not permit the request. This
 * may be temporary, for example if permissions were granted a moment ago. `too large`: the sink rejects the size of
 * this body or of these headers. `refused`: the sink rejects the event.
 */
export type SinkStatusClass = 'accepted' | 'retry' | 'no rights' | 'too large' | 'refused';

/** The class of each status outside 2xx and 5xx that is not `refused`. `retry` follows Knative's rule for retries. */
const CLASS_BY_STATUS: Readonly<Record<number, SinkStatusClass>> = {
  401: 'no rights',
  403: 'no rights',
  404: 'retry',
  408: 'retry',
  409: 'retry',
  413: 'too large',
  425: 'retry',
  429: 'retry',
  431: 'too large',
};

/** Classifies a sink's answer. All senders use this function. */
export function classifySinkStatus(status: number): SinkStatusClass {
  if (status >= 200 && status < 300) return 'accepted';
  if (status >= 500) return 'retry';
  return CLASS_BY_STATUS[status] ?? 'refused';
}
