/** A media type without its parameters, in lower case; empty when the header is absent or empty. */
export function essenceOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** CloudEvents JSON format 1.0, 3.1: the subtype is `json` or ends with `+json`. */
export function isJson(contentType: string | undefined): boolean {
  return /^[^/]+\/(?:[^/]+\+)?json$/.test(essenceOf(contentType));
}
