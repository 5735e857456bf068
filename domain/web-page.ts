/** The headers that a browser sets itself. A web page cannot change them. */
export interface BrowserHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly 'sec-fetch-mode'?: string | string[] | undefined;
  readonly 'sec-fetch-dest'?: string | string[] | undefined;
}

const OWN_SITE = [undefined, 'same-origin', 'none'];

/**
 * Returns why a service on loopback rejects a request: a web page of another origin sends it. Returns undefined for other
 * clients, which send none of these headers. With `allowLinks`, also returns undefined if a person opens a link, because the
 * page that has the link cannot read the answer. Do not allow links if a GET changes something, such as a count of calls.
 */
export function foreignPageProblem(
  method: string,
  { host, origin, 'sec-fetch-site': site, ...fetch }: BrowserHeaders,
  service: string,
  { allowLinks = true }: { readonly allowLinks?: boolean } = {},
): string | undefined {
  if (origin !== undefined && origin !== `http://${host}`)
    return `web pages of ${JSON.stringify(origin.slice(0, 200))} may not send requests to ${service}`;
  const opensLink =
    allowLinks &&
    (method === 'GET' || method === 'HEAD') &&
    fetch['sec-fetch-mode'] === 'navigate' &&
    fetch['sec-fetch-dest'] === 'document';
  return OWN_SITE.includes(site as string) || opensLink
    ? undefined
    : `web pages of other sites may not send requests to ${service}`;
}
