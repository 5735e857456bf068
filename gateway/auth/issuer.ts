/** An issuer of OpenID Connect tokens, and where its keys are. */
export interface Issuer {
  readonly issuer: string;
  /** The address of the key set. Default: the address in the issuer's discovery document. */
  readonly jwks?: string;
  /** Only for an issuer in a cluster: the path of a file with certificate authorities (PEM). */
  readonly ca?: string;
  /** Only for an issuer in a cluster: the path of a file with a bearer token. */
  readonly token?: string;
}

/** Returns true if keys from this address can be trusted: https, or http on the same machine. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && loopback);
}
