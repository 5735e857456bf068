/**
 * With these headers, a browser shows an extracted HTML or SVG file without its scripts and forms, and as a page of
 * no origin. Without them, the file would be a page of this machine, which may use the gateway and the local OSS
 * without credentials. An answer 304 has these headers too, because they replace the headers of a copy in the
 * browser's cache.
 */
export const NOT_A_PAGE = { 'content-security-policy': 'sandbox', 'x-content-type-options': 'nosniff' };
