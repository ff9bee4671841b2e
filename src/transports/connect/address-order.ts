import type { LookupAddress } from 'node:dns';
import { networkInterfaces } from 'node:os';
import { isPublicAddress } from './address-guard.ts';

/**
 * Orders addresses for connecting: IPv6 first, then the families alternate (RFC 8305 section 4). Without a public IPv6
 * address of our own, public IPv6 addresses are left out if there are others: Node would abandon a slow IPv4 attempt
 * for them.
 */
export function byFamily(addresses: readonly LookupAddress[], hasIpv6: boolean): readonly LookupAddress[] {
  const v4 = addresses.filter(({ family }) => family === 4);
  const v6 = addresses.filter(({ family, address }) => family === 6 && (hasIpv6 || !isPublicAddress(address)));
  if (v4.length === 0) return addresses;
  return Array.from({ length: Math.max(v4.length, v6.length) }, (_, turn) => [v6[turn], v4[turn]])
    .flat()
    .filter((address) => address !== undefined);
}

const trustMs = 10_000;
let seen = { at: -Infinity, isOn: false };

/** Tells whether this machine has a public IPv6 address. */
export function isOnIpv6(): boolean {
  const now = performance.now();
  if (now - seen.at > trustMs) {
    const own = Object.values(networkInterfaces()).flat();
    seen = { at: now, isOn: own.some((each) => each?.family === 'IPv6' && isPublicAddress(each.address)) };
  }
  return seen.isOn;
}
