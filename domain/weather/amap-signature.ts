import { createHash } from 'node:crypto';

/**
 * AMap's digital signature of a request: MD5, in hex, over its parameters (`sig` not among them) in the order of their
 * names, values as they are and not encoded for a URL, and the key's secret behind them.
 */
export function amapSignature(parameters: Readonly<Record<string, string>>, secret: string): string {
  const signed = Object.keys(parameters)
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
  return createHash('md5')
    .update(signed + secret)
    .digest('hex');
}
