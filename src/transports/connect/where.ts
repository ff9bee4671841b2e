import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { domainToASCII } from 'node:url';
import { shown } from '../../check.ts';
import type { HostAndPort } from './endpoint.ts';

/** Where connections go to, and where they come from, in place of what the URL and the system say. */
export interface ConnectOptions {
  /**
   * Addresses of hosts, each as `HOST:PORT:ADDRESS[,ADDRESS]...`; the host `*` is any host. Names that are not listed are looked
   * up.
   */
  readonly resolve?: readonly string[];
  /**
   * Other servers to connect to, each as `HOST1:PORT1:HOST2:PORT2`: requests to the first go to the second. An empty `HOST1` or
   * `PORT1` is any, an empty `HOST2` or `PORT2` the same. Certificates are still verified for the host of the URL.
   */
  readonly connectTo?: readonly string[];
  /** Path of a Unix domain socket that every connection goes to. */
  readonly unixSocket?: string;
  /** Address of this machine, or name of one of its network interfaces, that connections come from. */
  readonly interface?: string;
  /** Name servers to ask in place of the system's, each as `ADDRESS` or `ADDRESS:PORT`. */
  readonly dnsServers?: readonly string[];
}

/** Checked {@link ConnectOptions}. */
export class Where {
  readonly unixSocket: string | undefined;
  readonly dnsServers: readonly string[] | undefined;
  readonly #known: readonly KnownHost[];
  readonly #moved: readonly MovedHost[];
  readonly #local: LocalAddresses | undefined;

  /** @throws TypeError whose message names the wrong option, and what it must be */
  constructor({ resolve = [], connectTo = [], unixSocket, interface: local, dnsServers }: ConnectOptions) {
    this.unixSocket = unixSocket;
    this.dnsServers = dnsServers;
    this.#known = resolve.map(parseKnown);
    this.#moved = connectTo.map(parseMoved);
    this.#local = local === undefined ? undefined : localAddresses(local);
  }

  /** Returns where the requests for a host go to; undefined if they go there. */
  redirect({ hostname, port }: HostAndPort): HostAndPort | undefined {
    for (const { from, to } of this.#moved) {
      if ((from.hostname !== '' && from.hostname !== bare(hostname)) || (from.port !== 0 && from.port !== port))
        continue;
      return { hostname: to.hostname === '' ? hostname : to.hostname, port: to.port === 0 ? port : to.port };
    }
    return undefined;
  }

  /** Returns the given addresses of a host. */
  addressesOf({ hostname, port }: HostAndPort): readonly LookupAddress[] | undefined {
    const name = bare(hostname);
    return this.#known.find((each) => each.port === port && (each.hostname === name || each.hostname === '*'))
      ?.addresses;
  }

  /** Returns the local address to connect from, and the addresses that can be reached from it. */
  bind(
    addresses: readonly LookupAddress[],
  ): { readonly localAddress: string; readonly addresses: readonly LookupAddress[] } | undefined {
    if (this.#local === undefined) return undefined;
    const family = addresses.find((each) => this.#local!.has(each.family))?.family;
    const localAddress = this.#local.get(family ?? 0) ?? '';
    return { localAddress, addresses: addresses.filter((each) => each.family === family) };
  }
}

interface KnownHost extends HostAndPort {
  readonly addresses: readonly LookupAddress[];
}

/** An empty name is any host, or the same; port 0 is any port, or the same. */
interface MovedHost {
  readonly from: HostAndPort;
  readonly to: HostAndPort;
}

/** Addresses of this machine by family. */
type LocalAddresses = ReadonlyMap<number, string>;

function parseKnown(text: string): KnownHost {
  // A plus sign makes the entry of curl expire, which one of ours never does.
  const [, host = '', port = '', list = ''] = /^\+?(\[[^\]]+\]|[^:[]+):(\d+):(.+)$/.exec(text) ?? [];
  const addresses = list.split(',').map((each) => ({ address: unbracketed(each), family: isIP(unbracketed(each)) }));
  const hostname = asciiName(host);
  if (hostname === '' || !isPort(port) || addresses.some(({ family }) => family === 0)) {
    throw wrong('resolve', 'HOST:PORT:ADDRESS[,ADDRESS]..., such as example.com:443:127.0.0.1', text);
  }
  return { hostname, port: Number(port), addresses };
}

function parseMoved(text: string): MovedHost {
  const host = String.raw`(\[[^\]]*\]|[^:[]*)`;
  const parts = new RegExp(`^${host}:(\\d*):${host}:(\\d*)$`).exec(text);
  const [, host1 = '', port1 = '', host2 = '', port2 = ''] = parts ?? [];
  const isRight = [host1, host2].every((each) => each === '' || asciiName(each) !== '');
  if (!parts || !isRight || ![port1, port2].every((port) => port === '' || isPort(port))) {
    throw wrong('connectTo', 'HOST1:PORT1:HOST2:PORT2, such as example.com:443:staging.example.com:8443', text);
  }
  return {
    from: { hostname: asciiName(host1), port: Number(port1) },
    to: { hostname: asciiName(host2), port: Number(port2) },
  };
}

function localAddresses(text: string): LocalAddresses {
  const own = networkInterfaces();
  const family = isIP(text);
  const isOwn = Object.values(own).some((list) => list?.some(({ address }) => address === text));
  if (family > 0 && (isOwn || text.startsWith('127.'))) return new Map([[family, text]]);
  const ofInterface = Object.hasOwn(own, text) ? own[text]! : [];
  // A link-local address reaches the neighbours only.
  const usable = ofInterface.filter(({ address }) => !/^fe80:/i.test(address)).toReversed();
  if (usable.length === 0) {
    throw wrong('interface', `an address or an interface of this machine (${Object.keys(own).join(', ')})`, text);
  }
  return new Map(usable.map(({ address }) => [isIP(address), address]));
}

function asciiName(host: string): string {
  if (host === '*') return host;
  const plain = unbracketed(host);
  return isIP(plain) > 0 ? plain : bare(domainToASCII(plain));
}

function bare(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function unbracketed(text: string): string {
  return text.replace(/^\[(.*)\]$/, '$1');
}

function isPort(text: string): boolean {
  return Number(text) > 0 && Number(text) <= 65_535;
}

function wrong(option: keyof ConnectOptions, wanted: string, text: string): TypeError {
  return new TypeError(`'connect.${option}' must be ${wanted}: current value is ${shown(text)}`);
}
