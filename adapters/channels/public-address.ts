import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The part of IPv6 that is assigned to the internet (RFC 4291, 2.5.4). */
const IPV6_INTERNET = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** Azure's platform answers its own virtual machines at this address (Azure, "What is IP address 168.63.129.16?"). */
const AZURE_PLATFORM = '168.63.129.16';

/** Returns true if an IP address belongs to the internet, and not to a private network, this machine or a special use. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  // An IPv4 address in IPv6 form counts as the IPv4 address.
  const parsed = ipaddr.process(address);
  if (parsed.toString() === AZURE_PLATFORM) return false;
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(IPV6_INTERNET));
}

/** The code of the error if a host name has no public address. */
export const NOT_PUBLIC = 'ENOTPUBLIC';

/**
 * Resolves a host name to its public addresses only. A connection uses the addresses that this call returns. So it
 * has no effect if the name resolves to another address a moment later (DNS rebinding).
 */
export const lookupPublic: LookupFunction = (host, options, callback) => {
  systemLookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [], 0);
    const found = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = found;
    if (first === undefined)
      callback(Object.assign(new Error('the host has no public address'), { code: NOT_PUBLIC }), [], 0);
    else if (options.all === true) callback(null, found);
    else callback(null, first.address, first.family);
  });
};
