import { isIP } from 'node:net';
import { InvalidInput } from '../../domain/errors.ts';
import { isPublicAddress } from './public-address.ts';

/**
 * Reads the address of a channel. Addresses of the internet must use https. Other addresses are allowed only if their
 * origin is in `privateOrigins`. No message contains the address, because it may contain a token.
 * @throws InvalidInput of type `BadChannelAddress`
 */
export function readChannelAddress(address: string, privateOrigins: readonly string[]): URL {
  const refuse = (problem: string): never => {
    throw new InvalidInput('BadChannelAddress', `url ${problem}`);
  };
  const url = URL.canParse(address)
    ? new URL(address)
    : refuse('is not an address such as https://example.com/hook');
  if (url.username !== '' || url.password !== '') refuse('must not contain a user name or a password');
  if (url.hash !== '') refuse('must not contain a fragment (#)');
  if (privateOrigins.includes(url.origin)) return url;
  if (url.protocol !== 'https:')
    refuse(
      `must begin with https://, but begins with ${url.protocol}//; SLUICE_CHANNEL_ORIGINS lists exceptions`,
    );
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isPrivate = isIP(host) === 0 ? /(?:^|\.)localhost\.?$/.test(host) : !isPublicAddress(host);
  if (isPrivate) refuse(`has the private address ${host}; SLUICE_CHANNEL_ORIGINS lists exceptions`);
  return url;
}
