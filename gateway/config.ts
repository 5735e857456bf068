import {
  type Environment,
  host,
  integer,
  logLevel,
  metricsTokens,
  optionalText,
  port,
  readConfig,
  secrets,
} from '../runtime/config.ts';

export type GatewayConfig = ReturnType<typeof loadGatewayConfig>;

/** Reads the gateway's settings. Throws a `ConfigError` that names every invalid setting. */
export function loadGatewayConfig(env: Environment) {
  const config = readConfig(env, {
    port: port('PORT', 8080),
    host,
    routes: optionalText('SLUICE_ROUTES'),
    /** Tokens of operators, who may look up events and replay them. */
    apiTokens: secrets('SLUICE_API_TOKENS'),
    /** The maximum size of a body in bytes. CloudEvents expects every consumer to accept 64 KiB. */
    bodyLimit: integer('SLUICE_BODY_LIMIT', 1024 * 1024, 64 * 1024, 2 * 1024 * 1024),
    /** The maximum number of concurrent requests. */
    inFlight: integer('SLUICE_IN_FLIGHT', 32, 1, 10_000),
    /** The maximum number of parked requests. */
    parkedLimit: integer('SLUICE_PARKED_LIMIT', 10_000, 0, 1_000_000),
    /** The maximum size of the body of a parked request, in bytes. */
    parkedBytes: integer('SLUICE_PARKED_BYTES', 256 * 1024, 0, 1024 * 1024),
    /** How long the gateway still accepts requests after SIGTERM, in ms, so that load balancers can notice the stop. */
    drainMs: integer('SLUICE_DRAIN_MS', 0, 0, 60_000),
    metricsTokens,
    logLevel,
    otlp: optionalText('OTEL_EXPORTER_OTLP_ENDPOINT'),
    otlpTraces: optionalText('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'),
  });
  const { otlp, otlpTraces, ...rest } = config;
  return { ...rest, tracing: (otlp ?? otlpTraces) !== undefined };
}

/** Reads the settings from the environment of this process. */
export const gatewayConfig = (): GatewayConfig => loadGatewayConfig(process.env);

/** Returns an environment variable that a routes file names. */
export const environmentVariable = (name: string): string | undefined => process.env[name];
