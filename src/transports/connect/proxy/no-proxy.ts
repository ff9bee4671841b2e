import { BlockList, isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** The destination of a request: its host without brackets, and its port. */
interface Destination {
  readonly hostname: string;
  readonly port: number;
}

/** Tells whether a destination is reached without the proxy. */
export type IsExempt = (destination: Destination) => boolean;

/**
 * Reads a `NO_PROXY` list: names, addresses and subnets, separated by commas or blanks. `example.com` and `.example.com` stand for
 * the name and all names below it, `*.example.com` for those below it, `*` for every host; `:8080` behind one limits it to that
 * port. Entries that are none of these match nothing.
 */
export function parseNoProxy(list: string): IsExempt {
  const entries = entriesOf(list).map(parseEntry);
  if (entries.length === 0) return () => false;
  return ({ hostname, port }) => {
    const host = withoutDot(hostname.toLowerCase());
    return entries.some((matches) => matches({ hostname: host, port }));
  };
}

/** Tells whether a list exempts every host. */
export function exemptsAll(list: string): boolean {
  return entriesOf(list).includes('*');
}

function entriesOf(list: string): string[] {
  return list.split(/[\s,]+/).filter((entry) => entry !== '');
}

function parseEntry(entry: string): IsExempt {
  if (entry === '*') return () => true;
  const subnet = /^\[?([0-9a-f.:]+)\]?\/(\d{1,3})$/i.exec(entry);
  if (subnet) return inSubnet(subnet[1]!, Number(subnet[2]));
  const [, bracketed, plain = entry, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const host = bracketed ?? plain;
  const matches = isIP(host) > 0 ? inSubnet(host, isIPv6(host) ? 128 : 32) : named(host);
  return port === undefined ? matches : (to) => to.port === Number(port) && matches(to);
}

function inSubnet(address: string, bits: number): IsExempt {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || bits > (family === 'ipv6' ? 128 : 32)) return () => false;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  // A subnet of one family would match addresses of the other.
  return ({ hostname }) => isIP(hostname) === (family === 'ipv6' ? 6 : 4) && list.check(hostname, family);
}

function named(pattern: string): IsExempt {
  const isBelowOnly = pattern.startsWith('*.');
  const name = domainToASCII(withoutDot(pattern.replace(/^\*?\./, '').toLowerCase()));
  if (name === '') return () => false;
  return ({ hostname }) => {
    if (hostname === name) return !isBelowOnly;
    return hostname.endsWith(`.${name}`) && isIP(hostname) === 0;
  };
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
