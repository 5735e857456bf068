import type { Tracing } from './otlp-tracing.ts';

export type { Tracing };

/** Used if tracing is disabled. Does nothing. */
export const noTracing: Tracing = {
  traceRequest: (_req, _res, next) => next(),
  recordResult: () => {},
  interceptors: [],
  stop: () => Promise.resolve(),
};

/**
 * Traces to an OpenTelemetry collector, configured by the variables `OTEL_…`. The SDK is loaded only if tracing is
 * enabled.
 */
export async function loadTracing(enabled: boolean): Promise<Tracing> {
  return enabled ? (await import('./otlp-tracing.ts')).createOtlpTracing() : noTracing;
}
