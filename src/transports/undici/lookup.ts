import { lookup as systemLookup, type LookupAddress } from 'node:dns';

type Callback = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void;

interface Entry {
  readonly error: NodeJS.ErrnoException | null;
  readonly addresses: readonly LookupAddress[];
  readonly expires: number;
}

const loopback: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** How long an answer is used again, in milliseconds. The system's resolver tells no TTL; its own cache may hold longer. */
const keepMs = 10_000;
const maxEntries = 10_000;

/**
 * Looks names up through the system's resolver (so hosts files and search domains count). Connections that want the
 * same name at the same time share one question, and a fresh answer is used again: the system answers few at once.
 */
export class Lookup {
  readonly #answers = new Map<string, Entry>();
  readonly #asked = new Map<string, Callback[]>();

  /** Calls back with all addresses of a name, or the resolver's error; never twice, never synchronously for a question. */
  resolve(name: string, callback: Callback): void {
    const special = specialName(name);
    if (special) return callback(special.error, special.addresses);
    const known = this.#answers.get(name);
    if (known && known.expires > performance.now()) return callback(known.error, known.addresses);
    const waiting = this.#asked.get(name);
    if (waiting) {
      waiting.push(callback);
      return;
    }
    this.#asked.set(name, [callback]);
    systemLookup(name, { all: true }, (error, addresses) => this.#answer(name, error, addresses));
  }

  #answer(name: string, error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]): void {
    const callbacks = this.#asked.get(name) ?? [];
    this.#asked.delete(name);
    // "Try again later" is not kept: the next one who asks is the later try.
    if (!error || error.code === 'ENOTFOUND')
      this.#keep(name, { error, addresses, expires: performance.now() + keepMs });
    for (const callback of callbacks) callback(error, addresses);
  }

  #keep(name: string, entry: Entry): void {
    this.#answers.delete(name);
    this.#answers.set(name, entry);
    if (this.#answers.size <= maxEntries) return;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** Names that no resolver should be asked for (RFC 6761 sections 6.3 and 6.4). */
function specialName(name: string): Pick<Entry, 'error' | 'addresses'> | undefined {
  const bare = name.replace(/\.$/, '').toLowerCase();
  if (bare.endsWith('.localhost')) return { error: null, addresses: loopback };
  if (bare !== 'invalid' && !bare.endsWith('.invalid')) return undefined;
  const error: NodeJS.ErrnoException = new Error(`${name} is never a name (RFC 6761)`);
  error.code = 'ENOTFOUND';
  return { error, addresses: [] };
}
