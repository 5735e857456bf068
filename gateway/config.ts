import { type Environment, oneOf, optionalText, port, readConfig, text, whole } from '../runtime/config.ts';

export type GatewayConfig = ReturnType<typeof loadGatewayConfig>;

/** The gateway's settings; throws `ConfigError` naming every wrong one. */
export function loadGatewayConfig(env: Environment) {
  return readConfig(env, {
    port: port('PORT', 8080),
    /** An address to bind, or `loopback` for 127.0.0.1 and ::1. */
    host: text('SLUICE_HOST', '0.0.0.0'),
    routes: optionalText('SLUICE_ROUTES'),
    /** Bytes of a body at most; 64 KiB have to be taken from everybody. */
    bodyLimit: whole('SLUICE_BODY_LIMIT', 1024 * 1024, 64 * 1024, 2 * 1024 * 1024),
    logLevel: oneOf('SLUICE_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  });
}

/** The settings from the environment of this process. */
export const gatewayConfig = (): GatewayConfig => loadGatewayConfig(process.env);
