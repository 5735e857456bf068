/**
 * Fixed ports of a `local` process, and the gateway that gets its events. Ports default to free ports. By default, no
 * gateway listens.
 */
export interface LocalPorts {
  readonly oss?: number;
  readonly tablestore?: number;
  readonly gateway?: string;
}

/** Returns the environment of a `local` process with its state in `dir`. */
export const localEnvironment = (
  dir: string,
  { oss = 0, tablestore = 0, gateway = 'http://127.0.0.1:1' }: LocalPorts = {},
) => ({
  SLUICE_LOCAL_DIR: dir,
  SLUICE_LOCAL_OSS_PORT: String(oss),
  SLUICE_LOCAL_TABLESTORE_PORT: String(tablestore),
  SLUICE_LOCAL_AMAP_PORT: '0',
  SLUICE_LOCAL_GATEWAY: gateway,
});
