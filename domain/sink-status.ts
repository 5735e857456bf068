/**
 * What an event sink's HTTP status means for the sender. `no rights` may pass, where rights were just given; `too large`
 * is a refusal of this body or these headers.
 */
export type SinkStatusClass = 'accepted' | 'retry' | 'no rights' | 'too large' | 'refused';

/** Statuses outside 2xx and 5xx that are not simply refusals. 404 to 429: Knative's retry rule. */
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

/** The one table of a sink's answers, for every sender. */
export function classifySinkStatus(status: number): SinkStatusClass {
  if (status >= 200 && status < 300) return 'accepted';
  if (status >= 500) return 'retry';
  return CLASS_BY_STATUS[status] ?? 'refused';
}
