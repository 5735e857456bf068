/**
 * Fixed ports of a `local` process, and the address of the gateway that gets its events. Ports default to free ports.
 * By default, no gateway listens at the address.
 */
export interface LocalSettings {
  readonly oss?: number;
  readonly tablestore?: number;
  readonly gatewayUrl?: string;
}

/** Returns the environment of a `local` process with its state in `dir`. */
export const localEnvironment = (
  dir: string,
  { oss = 0, tablestore = 0, gatewayUrl = 'http://127.0.0.1:1' }: LocalSettings = {},
) => ({
  SLUICE_LOCAL_DIR: dir,
  SLUICE_LOCAL_OSS_PORT: String(oss),
  SLUICE_LOCAL_TABLESTORE_PORT: String(tablestore),
  SLUICE_LOCAL_AMAP_PORT: '0',
  SLUICE_LOCAL_CHANNELS_PORT: '0',
  SLUICE_LOCAL_GATEWAY: gatewayUrl,
});
