/**
 * Returns true if Knative retries an event after an answer with this status: `SelectiveRetry` in knative/eventing,
 * pkg/kncloudevents/retries.go. No answer (an error or a timeout) is status -1, and is retried. Events that are neither
 * accepted (2xx) nor retried go to the dead-letter sink.
 */
export function isRetriedByKnative(status: number): boolean {
  return status === -1 || status >= 500 || [404, 408, 409, 429].includes(status);
}
