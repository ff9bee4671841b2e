/** A power of two. */
const filterBits = 65_536;
/** Hosts of one filter; with two hashes each, one host in fifty is taken for another. */
const maxHostsInFilter = 5000;

/**
 * The hosts that have answered, in 16 KB however many they are: two Bloom filters (B. H. Bloom, 1970). The older one is
 * emptied when the newer one is full, so at least the last 5,000 hosts are known.
 */
export class AnsweredHosts {
  #newer = new Uint32Array(filterBits / 32);
  #older = new Uint32Array(filterBits / 32);
  #added = 0;

  /** Adds a host. */
  add(origin: string): void {
    if (this.#added === maxHostsInFilter) this.#turnOver();
    this.#added += 1;
    const hash = hashOf(origin);
    set(this.#newer, hash);
    set(this.#newer, hash >>> 16);
  }

  /** Tells whether a host was added. One host in fifty is taken for another. */
  has(origin: string): boolean {
    const hash = hashOf(origin);
    return [this.#newer, this.#older].some((filter) => isSet(filter, hash) && isSet(filter, hash >>> 16));
  }

  #turnOver(): void {
    [this.#newer, this.#older] = [this.#older.fill(0), this.#newer];
    this.#added = 0;
  }
}

/** FNV-1a, in 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

function set(filter: Uint32Array, bit: number): void {
  filter[(bit & (filterBits - 1)) >>> 5]! |= 1 << (bit & 31);
}

function isSet(filter: Uint32Array, bit: number): boolean {
  return (filter[(bit & (filterBits - 1)) >>> 5]! & (1 << (bit & 31))) !== 0;
}
