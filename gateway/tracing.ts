import type { Tracing } from './otlp-tracing.ts';

export type { Tracing };

/** No tracing, at no cost. */
export const noTracing: Tracing = {
  traceRequest: (_req, _res, next) => next(),
  recordResult: () => {},
  interceptors: [],
  stop: () => Promise.resolve(),
};

/** Tracing to OpenTelemetry's collector, set up by the variables `OTEL_…`; loaded only where it is wanted. */
export async function loadTracing(enabled: boolean): Promise<Tracing> {
  return enabled ? (await import('./otlp-tracing.ts')).createOtlpTracing() : noTracing;
}
