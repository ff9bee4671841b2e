import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { closeSync, openSync } from 'node:fs';
import { BoundedMap } from '../../../collections/bounded-map.ts';
import { hostsFile, parseHosts } from './hosts-file.ts';
import { failure, isNotFound, notFound, DnsQuery, type DnsAnswer } from './query.ts';
import { parseSearchList, resolverFile, searchFor } from './resolv-conf.ts';
import { cachedFile } from './cached-file.ts';

type Callback = (error: NodeJS.ErrnoException | undefined, addresses: readonly LookupAddress[]) => void;

/** Where names are looked up. By default as on this system; tests have their own. */
export interface LookupSources {
  /** Name servers, as `address:port`. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  readonly resolverFile?: string;
}

/** A name that is being looked up, and who waits for it. */
interface Pending {
  readonly name: string;
  readonly askers: Set<Callback>;
  /** What is asked of the name servers. */
  question: DnsQuery | undefined;
}

interface CachedAnswer extends DnsAnswer {
  readonly expires: number;
}

const maxKept = 10_000;
/** How long an answer of the system's resolver is used again; it tells no TTL. */
const keepSystemMs = 10_000;
const keepHostsMs = 1000;

/**
 * Looks names up: in the hosts file, then from the name servers through c-ares, which no name holds up that nobody
 * answers for. The system's own resolver answers two names at a time, so it is asked only for those the others cannot know.
 * Connections that want the same name at the same time share one question, and a fresh answer is used again.
 */
export class DnsLookup {
  readonly #servers: readonly string[] | undefined;
  readonly #readHosts: () => Promise<ReturnType<typeof parseHosts>>;
  readonly #readSearchList: () => Promise<ReturnType<typeof parseSearchList>>;
  readonly #kept = new BoundedMap<string, CachedAnswer>(maxKept);
  readonly #pending = new Map<string, Pending>();

  constructor(sources: LookupSources = {}) {
    this.#servers = sources.servers;
    this.#readHosts = cachedFile(sources.hostsFile ?? hostsFile, parseHosts);
    this.#readSearchList = cachedFile(sources.resolverFile ?? resolverFile, parseSearchList);
  }

  /**
   * Calls back with all addresses of a name, or the error; once, and at once if the answer is known. The function it
   * gives back ends the waiting; when nobody waits any more, the question is called off.
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
      if (pending.askers.size === 0) this.#callOff(pending);
    };
  }

  /** Calls off all questions; who waits for them hears no more. */
  close(): void {
    for (const pending of this.#pending.values()) {
      pending.askers.clear();
      this.#callOff(pending);
    }
  }

  #fresh(name: string): DnsAnswer | undefined {
    const kept = this.#kept.get(name);
    return kept && kept.expires > performance.now() ? kept : undefined;
  }

  #start(name: string): Pending {
    const pending: Pending = { name, askers: new Set(), question: undefined };
    this.#pending.set(name, pending);
    void this.#find(pending)
      .catch((error: NodeJS.ErrnoException): DnsAnswer => ({ error, addresses: [], keepMs: 0 }))
      .then((answer) => this.#settle(pending, answer));
    return pending;
  }

  #callOff(pending: Pending): void {
    if (this.#pending.get(pending.name) === pending) this.#pending.delete(pending.name);
    pending.question?.cancel();
  }

  async #find(pending: Pending): Promise<DnsAnswer> {
    const { name } = pending;
    const bare = bareName(name);
    const listed = (await this.#readHosts()).get(bare);
    if (listed) return { error: undefined, addresses: listed, keepMs: keepHostsMs };
    if (bare === 'localhost') return loopback;
    if (isForSystem(bare)) return askSystem(name);
    const names = searchFor(name, await this.#readSearchList());
    if (pending.askers.size === 0) return failure('ECANCELLED', 'Nobody waits for it');
    // In the same turn: without one c-ares says that the name server refused us.
    requireDescriptor();
    pending.question = new DnsQuery(this.#servers);
    const answer = await pending.question.ask(names);
    if (answer.error?.code === 'ECONNREFUSED') return laterIfNotFound(await askSystem(name));
    // Elsewhere a domain may have name servers of its own (a VPN's), of which c-ares does not know.
    if (isNotFound(answer.error) && process.platform !== 'linux') return askSystem(name);
    return answer;
  }

  #settle(pending: Pending, answer: DnsAnswer): void {
    const isCalledOff = this.#pending.get(pending.name) !== pending;
    if (!isCalledOff) this.#pending.delete(pending.name);
    if (answer.keepMs > 0) this.#keep(pending.name, answer);
    for (const asker of pending.askers) asker(answer.error, answer.addresses);
  }

  #keep(name: string, answer: DnsAnswer): void {
    this.#kept.set(name, { ...answer, expires: performance.now() + answer.keepMs });
  }
}

const loopback: DnsAnswer = {
  error: undefined,
  addresses: [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ],
  keepMs: keepHostsMs,
};

/** What needs no question: names that no resolver should be asked for (RFC 6761 section 6), and what is no name at all. */
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

/** Whether only the system may know a name: one of a single label, and one that is asked for by multicast (RFC 6762). */
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
  // Without a file descriptor to ask with, it says that there is no such name.
  if (answer.error) requireDescriptor();
  return answer;
}

/** Throws if we have no file descriptor left. */
function requireDescriptor(): void {
  closeSync(openSync(process.execPath, 'r'));
}

/** Where no name server can be asked, nobody knows that a name does not exist. */
function laterIfNotFound(answer: DnsAnswer): DnsAnswer {
  return isNotFound(answer.error) ? failure('EAI_AGAIN', 'No name server can be asked') : answer;
}
