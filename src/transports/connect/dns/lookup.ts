import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { closeSync, openSync } from 'node:fs';
import { BoundedMap } from '../../../collections/bounded-map.ts';
import { hostsFile, parseHosts } from './hosts-file.ts';
import { failure, isNotFound, notFound, DnsQuery, type DnsAnswer } from './query.ts';
import { parseSearchList, resolverFile, searchFor } from './resolv-conf.ts';
import { cachedFile } from './cached-file.ts';
import type { TransportOptions } from '../../options.ts';

type Callback = (error: NodeJS.ErrnoException | undefined, addresses: readonly LookupAddress[]) => void;

/** The sources of a lookup. The default is this system's configuration; tests use their own. */
export interface LookupSources {
  /** Name servers, as `address:port`. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  readonly resolverFile?: string;
  /** False asks the name servers only, also for names that only this system may know. @default true */
  readonly asksSystem?: boolean;
}

/** A name that is being looked up, and the callbacks that wait for it. */
interface Pending {
  readonly name: string;
  readonly askers: Set<Callback>;
  /** The query to the name servers, once there is one. */
  query: DnsQuery | undefined;
}

interface CachedAnswer extends DnsAnswer {
  readonly expires: number;
}

const maxKept = 10_000;
/** Milliseconds for which an answer of the system's resolver is cached. It has no TTL. */
const keepSystemMs = 10_000;
const keepHostsMs = 1000;

/**
 * Looks names up in the hosts file, then through c-ares, where a name without an answer does not hold up others. The
 * system's resolver works on two names at a time, so it is asked only for names that the others cannot know. Lookups of
 * the same name share one query, and answers are cached.
 */
export class DnsLookup {
  readonly #servers: readonly string[] | undefined;
  readonly #asksSystem: boolean;
  readonly #readHosts: () => Promise<ReturnType<typeof parseHosts>>;
  readonly #readSearchList: () => Promise<ReturnType<typeof parseSearchList>>;
  readonly #kept = new BoundedMap<string, CachedAnswer>(maxKept);
  readonly #pending = new Map<string, Pending>();

  constructor(sources: LookupSources = {}) {
    this.#servers = sources.servers;
    this.#asksSystem = sources.asksSystem ?? true;
    this.#readHosts = cachedFile(sources.hostsFile ?? hostsFile, parseHosts);
    this.#readSearchList = cachedFile(sources.resolverFile ?? resolverFile, parseSearchList);
  }

  /**
   * Calls back once with all addresses of a name or an error; synchronously if the answer is known. The returned
   * function cancels the callback. A query without callbacks is cancelled.
   */
  resolve(name: string, callback: Callback): () => void {
    const known = knownAnswer(name) ?? this.#fresh(name);
    if (known) {
      callback(known.error, known.addresses);
      return () => undefined;
    }
    const pending = this.#pending.get(name) ?? this.#start(name);
    pending.askers.add(callback);
    return () => {
      pending.askers.delete(callback);
      if (pending.askers.size === 0) this.#cancel(pending);
    };
  }

  /** Cancels all queries. No callback follows. */
  close(): void {
    for (const pending of this.#pending.values()) {
      pending.askers.clear();
      this.#cancel(pending);
    }
  }

  #fresh(name: string): DnsAnswer | undefined {
    const kept = this.#kept.get(name);
    return kept && kept.expires > performance.now() ? kept : undefined;
  }

  #start(name: string): Pending {
    const pending: Pending = { name, askers: new Set(), query: undefined };
    this.#pending.set(name, pending);
    void this.#find(pending)
      .catch((error: NodeJS.ErrnoException): DnsAnswer => ({ error, addresses: [], keepMs: 0 }))
      .then((answer) => this.#settle(pending, answer));
    return pending;
  }

  #cancel(pending: Pending): void {
    if (this.#pending.get(pending.name) === pending) this.#pending.delete(pending.name);
    pending.query?.cancel();
  }

  async #find(pending: Pending): Promise<DnsAnswer> {
    const { name } = pending;
    const bare = bareName(name);
    const listed = (await this.#readHosts()).get(bare);
    if (listed) return { error: undefined, addresses: listed, keepMs: keepHostsMs };
    if (bare === 'localhost') return loopback;
    if (this.#asksSystem && isForSystem(bare)) return askSystem(name);
    const names = searchFor(name, await this.#readSearchList());
    if (pending.askers.size === 0) return failure('ECANCELLED', 'Cancelled');
    // In the same turn: without a descriptor c-ares reports that the name server refused us.
    requireDescriptor();
    pending.query = new DnsQuery(this.#servers);
    const answer = await pending.query.ask(names);
    if (!this.#asksSystem) return answer;
    if (answer.error?.code === 'ECONNREFUSED') return laterIfNotFound(await askSystem(name));
    // On other systems a domain may have its own name servers (a VPN's) that c-ares does not know.
    if (isNotFound(answer.error) && process.platform !== 'linux') return askSystem(name);
    return answer;
  }

  #settle(pending: Pending, answer: DnsAnswer): void {
    const isCancelled = this.#pending.get(pending.name) !== pending;
    if (!isCancelled) this.#pending.delete(pending.name);
    if (answer.keepMs > 0) this.#keep(pending.name, answer);
    for (const asker of pending.askers) asker(answer.error, answer.addresses);
  }

  #keep(name: string, answer: DnsAnswer): void {
    this.#kept.set(name, { ...answer, expires: performance.now() + answer.keepMs });
  }
}

/** Creates the lookup of a fetcher. Name servers that were asked for are the only ones. */
export function createLookup({ connect }: TransportOptions): DnsLookup {
  const servers = connect?.dnsServers;
  return new DnsLookup(servers ? { servers, asksSystem: false } : {});
}

const loopback: DnsAnswer = {
  error: undefined,
  addresses: [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ],
  keepMs: keepHostsMs,
};

/**
 * Returns answers that need no query: for names that no resolver should be asked (RFC 6761 section 6), and for invalid
 * names.
 */
function knownAnswer(name: string): DnsAnswer | undefined {
  const bare = bareName(name);
  if (bare.endsWith('.localhost')) return loopback;
  const isName = bare.length <= 253 && bare.split('.').every(({ length }) => length > 0 && length <= 63);
  if (!isName || bare === 'invalid' || bare.endsWith('.invalid')) return notFound(name);
  return undefined;
}

function bareName(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}

/** Tells whether only the system may know a name: a single label, or a multicast name (RFC 6762). */
function isForSystem(bare: string): boolean {
  const labels = bare.split('.');
  return labels.length === 1 || (labels.length === 2 && labels[1] === 'local');
}

async function askSystem(name: string): Promise<DnsAnswer> {
  const answer = await new Promise<DnsAnswer>((resolve) => {
    systemLookup(name, { all: true }, (error, addresses) => {
      if (!error) resolve({ error: undefined, addresses, keepMs: keepSystemMs });
      else if (isNotFound(error)) resolve(notFound(name, error));
      else resolve({ error, addresses: [], keepMs: 0 });
    });
  });
  // Without a file descriptor it reports that the name does not exist.
  if (answer.error) requireDescriptor();
  return answer;
}

/** Throws if no file descriptors are left. */
function requireDescriptor(): void {
  closeSync(openSync(process.execPath, 'r'));
}

/** Turns "not found" into "try again later": without a name server it is unknown whether a name exists. */
function laterIfNotFound(answer: DnsAnswer): DnsAnswer {
  return isNotFound(answer.error) ? failure('EAI_AGAIN', 'No name server can be reached') : answer;
}
