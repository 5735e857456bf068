import {
  context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';
import type { RequestHandler } from 'express';
import type { EventResult } from './temporal/event-result.ts';

/** Continues a sender's trace in the runs that its events start. */
export interface Tracing {
  /** Creates a span for a request, as a child of the sender's span. */
  readonly traceRequest: RequestHandler;
  /** Adds the outcome of an event to the request's span. */
  recordResult(result: EventResult): void;
  /** Puts the trace context into the headers of the started workflows. */
  readonly interceptors: readonly WorkflowClientInterceptor[];
  /** Exports the remaining spans. */
  stop(): Promise<void>;
}

/** How long the export of the last spans may take. */
const SHUTDOWN_TIMEOUT_MS = 2_000;

/**
 * Exports spans over OTLP/HTTP. The request's own `traceparent` is the parent. The `traceparent` inside a CloudEvent
 * belongs to the trace that created the event, perhaps many hops and hours ago. So the span has only a link to that
 * trace (CloudEvents, distributed tracing extension).
 */
export function createOtlpTracing(): Tracing {
  const provider = new BasicTracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override this name.
    resource: new Resource({ 'service.name': 'sluice-gateway' }).merge(envDetectorSync.detect() as Resource),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register({
    contextManager: new AsyncLocalStorageContextManager().enable(),
    propagator: new W3CTraceContextPropagator(),
  });
  const tracer = trace.getTracer('sluice-gateway');
  return {
    traceRequest(req, res, next) {
      const parent = propagation.extract(ROOT_CONTEXT, req.headers);
      const span = tracer.startSpan(
        `${req.method} ${pathTemplate(req.path)}`,
        { kind: SpanKind.SERVER },
        parent,
      );
      res.once('close', () => {
        span.setAttribute('http.response.status_code', res.statusCode);
        if (res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      });
      context.with(trace.setSpan(parent, span), next);
    },
    recordResult({ event, route, workflowId, outcome }) {
      const span = trace.getActiveSpan();
      if (span === undefined || event === undefined) return;
      const { id = '', source = '', type = '', subject } = event;
      span.addEvent(outcome, {
        ...{ 'cloudevents.event_id': id, 'cloudevents.event_source': source, 'cloudevents.event_type': type },
        ...(subject === undefined ? {} : { 'cloudevents.event_subject': subject }),
        ...(route === undefined ? {} : { 'sluice.route': route }),
        ...(workflowId === undefined ? {} : { 'sluice.workflow_id': workflowId }),
      });
      const link = traceLink(event);
      if (link !== undefined) span.addLink(link);
    },
    interceptors: [new OpenTelemetryWorkflowClientInterceptor({ tracer })],
    async stop() {
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, SHUTDOWN_TIMEOUT_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), timeout]);
    },
  };
}

/** Returns a span name without ids, so that the number of different names stays small. */
function pathTemplate(path: string): string {
  if (/^\/events\/./.test(path)) return '/events/{source}/{id}';
  return /^\/(events|unzip|dead-letters|explain|livez|readyz|metrics)?$/.test(path) ? path : '{other}';
}

function traceLink(event: { readonly attributes?: Readonly<Record<string, unknown>> }): Link | undefined {
  const { traceparent, tracestate } = event.attributes ?? {};
  if (typeof traceparent !== 'string') return undefined;
  const carrier = { traceparent, ...(typeof tracestate === 'string' ? { tracestate } : {}) };
  const linked: SpanContext | undefined = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, carrier));
  return linked === undefined ? undefined : { context: linked };
}
