import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { RequestHandler } from 'express';
import type { Received } from '../receive/received.ts';

/** Carries a sender's trace on to the runs that its events start. */
export interface Tracing {
  /** Makes a request a span, child of the sender's. */
  readonly span: RequestHandler;
  /** Notes on the request's span what became of an event. */
  note(received: Received): void;
  /** Put the span into what Temporal keeps with the run. */
  readonly interceptors: readonly WorkflowClientInterceptor[];
  /** Sends what has not been sent. */
  stop(): Promise<void>;
}

/** No tracing, at no cost. */
export const noTracing: Tracing = {
  span: (_req, _res, next) => next(),
  note: () => {},
  interceptors: [],
  stop: () => Promise.resolve(),
};
