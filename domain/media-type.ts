/** Returns a media type without its parameters, in lower case; empty if the header is missing or empty. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** CloudEvents JSON format 1.0, 3.1: the subtype is `json` or ends with `+json`. */
export function isJsonMediaType(contentType: string | undefined): boolean {
  return /^[^/]+\/(?:[^/]+\+)?json$/.test(mediaTypeOf(contentType));
}

/** Returns the parameter `charset` in lower case, without quotes. The default is UTF-8. */
export function charsetOf(contentType: string | undefined): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  return charset.toLowerCase();
}

/** The charsets whose texts are also UTF-8. */
export const UTF8_CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
