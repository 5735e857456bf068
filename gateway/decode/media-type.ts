/** A media type without its parameters, in lower case; empty when the header is absent or empty. */
export function essenceOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** CloudEvents JSON format 1.0, 3.1: the subtype is `json` or ends with `+json`. */
export function isJson(contentType: string | undefined): boolean {
  return /^[^/]+\/(?:[^/]+\+)?json$/.test(essenceOf(contentType));
}

/** Whether bytes of this media type are UTF-8 as far as its `charset` says; without one, they are taken for it. */
export function isUtf8(contentType: string | undefined): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  return /^(?:utf-?8|us-ascii|ascii)$/i.test(charset);
}
