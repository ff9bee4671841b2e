import { Resolver, type LookupAddress, type RecordWithTtl } from 'node:dns';
import { byFamily, isOnIpv6 } from '../address-order.ts';

/** The answer to a DNS query. */
export interface DnsAnswer {
  readonly error: NodeJS.ErrnoException | undefined;
  readonly addresses: readonly LookupAddress[];
  /** Milliseconds for which the answer may be cached. */
  readonly keepMs: number;
}

/** The time between two tries of a query. c-ares checks its clock seldom, so it becomes about twice that. */
const resendMs = 700;
const sendings = 3;
/** A query is given up after this time. */
const limitMs = 5000;
/** Milliseconds for which the addresses of one family wait for the other (RFC 8305 section 3). */
const patienceMs = { forV6: 50, forV4: 500 };
const minCacheMs = 1000;
const maxCacheMs = 60_000;
const keepNotFoundMs = 10_000;

/**
 * One query to the name servers. Each has its own resolver (some 50 µs and a socket), so that names without an answer
 * neither delay others nor change how long c-ares waits for them, and each query can be cancelled alone.
 */
export class DnsQuery {
  readonly #resolver = new Resolver({ timeout: resendMs, tries: sendings });
  #isOver = false;

  constructor(servers: readonly string[] | undefined) {
    if (servers) this.#resolver.setServers(servers);
  }

  /** Asks for each name in turn until one has an address. Never rejects. */
  async ask(names: readonly string[]): Promise<DnsAnswer> {
    const timer = setTimeout(() => this.cancel(), limitMs);
    let answer = notFound(names[0] ?? '');
    for (const name of names) {
      const next = await this.#askBoth(name);
      // "Try again later" for one name outweighs "no such name" for another.
      if (!next.error || isNotFound(answer.error)) answer = next;
      if (!next.error || this.#isOver) break;
    }
    clearTimeout(timer);
    const isGivenUp = this.#isOver && answer.error;
    this.cancel();
    return isGivenUp ? failure('ETIMEOUT', `No name server answered within ${limitMs} ms`) : answer;
  }

  cancel(): void {
    this.#isOver = true;
    this.#resolver.cancel();
  }

  #askBoth(name: string): Promise<DnsAnswer> {
    return new Promise((resolve) => {
      let v4: Reply | undefined;
      let v6: Reply | undefined;
      let timer: NodeJS.Timeout | undefined;
      const finish = (): void => {
        clearTimeout(timer);
        resolve(merge(name, v4, v6));
      };
      const heard = (): void => {
        if (v4 && v6) finish();
        else if (v4 && v4.records.length > 0) timer = setTimeout(finish, patienceMs.forV6);
        else if (v6 && v6.records.length > 0) timer = setTimeout(finish, patienceMs.forV4);
      };
      this.#resolver.resolve4(name, { ttl: true }, (error, records) => {
        v4 = { error, records: records ?? [], family: 4 };
        heard();
      });
      this.#resolver.resolve6(name, { ttl: true }, (error, records) => {
        v6 = { error, records: records ?? [], family: 6 };
        heard();
      });
    });
  }
}

interface Reply {
  readonly error: NodeJS.ErrnoException | null;
  readonly records: readonly RecordWithTtl[];
  readonly family: 4 | 6;
}

/**
 * Merges the replies for both families. A name does not exist only if both say so: servers err over AAAA (RFC 4074).
 */
function merge(name: string, v4: Reply | undefined, v6: Reply | undefined): DnsAnswer {
  const replies = [v4, v6].filter((reply) => reply !== undefined);
  const records = replies.flatMap((reply) => reply.records);
  if (records.length > 0) {
    const addresses = replies.flatMap((reply) =>
      reply.records.map(({ address }) => ({ address, family: reply.family })),
    );
    const ttlMs = 1000 * Math.min(...records.map(({ ttl }) => ttl));
    const keepMs = Math.min(maxCacheMs, Math.max(minCacheMs, ttlMs));
    return { error: undefined, addresses: byFamily(addresses, isOnIpv6()), keepMs };
  }
  const errors = replies.map(({ error }) => error).filter((error) => error !== null);
  const error = errors.find((each) => !isNotFound(each));
  return error ? { error, addresses: [], keepMs: 0 } : notFound(name, errors[0]);
}

/** Tells whether an error means that the name does not exist or has no address. */
export function isNotFound(error: NodeJS.ErrnoException | undefined): boolean {
  return error?.code === 'ENOTFOUND' || error?.code === 'ENODATA' || error?.code === 'EBADNAME';
}

export function notFound(name: string, cause?: NodeJS.ErrnoException): DnsAnswer {
  const answer = failure('ENOTFOUND', `The name ${name} does not exist`);
  return { ...answer, error: cause ?? answer.error, keepMs: keepNotFoundMs };
}

/** Makes a failed answer. It is not cached: the next query is the later try. */
export function failure(code: string, message: string): DnsAnswer {
  const error: NodeJS.ErrnoException = new Error(message);
  error.code = code;
  return { error, addresses: [], keepMs: 0 };
}
