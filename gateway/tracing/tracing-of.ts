import { noTracing, type Tracing } from './tracing.ts';

/** Tracing to OpenTelemetry's collector, set up by the variables `OTEL_…`; loaded only where it is wanted. */
export async function tracingOf(wanted: boolean): Promise<Tracing> {
  return wanted ? (await import('./otlp-tracing.ts')).otlpTracing() : noTracing;
}
