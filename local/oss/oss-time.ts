/** A time as OSS writes it into XML: whole seconds, always with `.000Z`, which oss2 insists on. */
export function ossTime(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}
