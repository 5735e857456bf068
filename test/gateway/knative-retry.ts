/**
 * Whether Knative sends an event again after an answer with this status: `SelectiveRetry` in knative/eventing,
 * pkg/kncloudevents/retries.go. No answer at all (an error, a time-out) is status -1, and is retried too. What is
 * neither retried nor 2xx goes to the dead letter sink.
 */
export function retried(status: number): boolean {
  return status === -1 || status >= 500 || [404, 408, 409, 429].includes(status);
}
