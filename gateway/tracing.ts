import type { Tracing } from './otlp-tracing.ts';

export type { Tracing };

/** No tracing, at no cost. */
export const noTracing: Tracing = {
  span: (_req, _res, next) => next(),
  note: () => {},
  interceptors: [],
  stop: () => Promise.resolve(),
};

/** Tracing to OpenTelemetry's collector, set up by the variables `OTEL_…`; loaded only where it is wanted. */
export async function tracingOf(wanted: boolean): Promise<Tracing> {
  return wanted ? (await import('./otlp-tracing.ts')).otlpTracing() : noTracing;
}
