import { BlockList, isIP } from 'node:net';

/**
 * IPv4 addresses outside the public Internet (IANA's special-purpose registry), and one that a cloud uses internally.
 */
const notPublic4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // the metadata service of Azure
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Exceptions within 2000::/3, the only part of IPv6 in public use. The first contains Teredo; the third is 6to4. */
const notPublic6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

// One list for each family: in a shared list, an IPv6 subnet such as ::/8 would match every IPv4 address.
const blocked4 = listOf('ipv4', notPublic4);
const blocked6 = listOf('ipv6', notPublic6);
const global6 = listOf('ipv6', [['2000::', 3]]);
const mapped = listOf('ipv6', [['::ffff:0:0', 96]]);
const nat64 = listOf('ipv6', [['64:ff9b::', 96]]);
const blockedNat64 = listOf(
  'ipv6',
  notPublic4.map(([address, bits]) => [`64:ff9b::${address}`, 96 + bits]),
);

/** Returns the public addresses. */
export function publicOnly<A extends { readonly address: string }>(addresses: readonly A[]): A[] {
  return addresses.filter(({ address }) => isPublicAddress(address));
}

/**
 * Tells whether an address is public: not loopback, private, link-local, multicast, reserved or a cloud's metadata
 * service, nor one of these embedded in IPv6. A public IPv4 address in `::ffff:0:0/96` or in `64:ff9b::/96` (NAT64, the
 * only way to it on some networks) is public; other embedded addresses never are.
 */
export function isPublicAddress(address: string): boolean {
  const [bare = ''] = address.split('%');
  const family = isIP(bare);
  if (family === 4) return !blocked4.check(bare, 'ipv4');
  if (family !== 6) return false;
  if (mapped.check(bare, 'ipv6')) return !blocked4.check(bare, 'ipv6');
  if (nat64.check(bare, 'ipv6')) return !blockedNat64.check(bare, 'ipv6');
  return global6.check(bare, 'ipv6') && !blocked6.check(bare, 'ipv6');
}

function listOf(family: 'ipv4' | 'ipv6', subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of subnets) list.addSubnet(address, bits, family);
  return list;
}
