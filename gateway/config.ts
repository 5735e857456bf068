import {
  type Environment,
  host,
  integer,
  logLevel,
  optionalText,
  port,
  readConfig,
  secrets,
} from '../runtime/config.ts';

export type GatewayConfig = ReturnType<typeof loadGatewayConfig>;

/** The gateway's settings; throws `ConfigError` naming every wrong one. */
export function loadGatewayConfig(env: Environment) {
  const config = readConfig(env, {
    port: port('PORT', 8080),
    host,
    routes: optionalText('SLUICE_ROUTES'),
    /** Tokens of those who may look and replay. */
    apiTokens: secrets('SLUICE_API_TOKENS'),
    /** Bytes of a body at most; 64 KiB have to be taken from everybody. */
    bodyLimit: integer('SLUICE_BODY_LIMIT', 1024 * 1024, 64 * 1024, 2 * 1024 * 1024),
    /** Requests under way at a time. */
    inFlight: integer('SLUICE_IN_FLIGHT', 32, 1, 10_000),
    /** Requests that may be parked at a time, and the bytes of one at most. */
    parkedLimit: integer('SLUICE_PARKED_LIMIT', 10_000, 0, 1_000_000),
    parkedBytes: integer('SLUICE_PARKED_BYTES', 256 * 1024, 0, 1024 * 1024),
    /** Milliseconds on SIGTERM for which requests still are taken, while load balancers learn of it. */
    drainMs: integer('SLUICE_DRAIN_MS', 0, 0, 60_000),
    logLevel,
    otlp: optionalText('OTEL_EXPORTER_OTLP_ENDPOINT'),
    otlpTraces: optionalText('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'),
  });
  const { otlp, otlpTraces, ...rest } = config;
  return { ...rest, tracing: (otlp ?? otlpTraces) !== undefined };
}

/** The settings from the environment of this process. */
export const gatewayConfig = (): GatewayConfig => loadGatewayConfig(process.env);

/** Looks up a variable that a routes file names. */
export const environmentVariable = (name: string): string | undefined => process.env[name];
