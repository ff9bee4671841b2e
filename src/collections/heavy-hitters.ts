import { Heap } from './heap.ts';

/**
 * Keeps a value for each of the heaviest keys, in bounded memory. Once it is full, a new key replaces the lightest one
 * and inherits its weight. Every key that weighs more than the total divided by the capacity is kept. Until the first
 * key is evicted, all weights are exact.
 *
 * The Space-Saving algorithm (A. Metwally, D. Agrawal, A. El Abbadi, Efficient Computation of Frequent and Top-k
 * Elements in Data Streams, ICDT 2005), with a heap in place of its list of buckets, since weights are not integers.
 */
export class HeavyHitters<Value> {
  readonly #capacity: number;
  readonly #make: (key: string) => Value;
  readonly #entries = new Map<string, Entry<Value>>();
  /** Entries by their weight when they were last added here. Weights only grow, so it is never too high. */
  readonly #lightest = new Heap<Entry<Value>>();
  #isExact = true;

  /** @param make makes the value of a new key, or of one that was evicted and comes back */
  constructor(capacity: number, make: (key: string) => Value) {
    this.#capacity = capacity;
    this.#make = make;
  }

  /** True while no key has been evicted. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** Keys that are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns the value of a key; undefined if it is not kept. */
  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Returns the values of all keys that are kept. */
  values(): Value[] {
    return Array.from(this.#entries.values(), ({ value }) => value);
  }

  /** Adds `weight` to a key and returns its value. */
  add(key: string, weight: number): Value {
    const entry = this.#entries.get(key);
    if (entry === undefined) return this.#insert(key, weight);
    entry.weight += weight;
    return entry.value;
  }

  #insert(key: string, weight: number): Value {
    const inherited = this.#entries.size < this.#capacity ? 0 : this.#evict();
    const entry = { key, weight: inherited + weight, value: this.#make(key) };
    this.#entries.set(key, entry);
    this.#lightest.push(entry.weight, entry);
    return entry.value;
  }

  /** Evicts the lightest key and returns its weight. */
  #evict(): number {
    this.#isExact = false;
    for (;;) {
      const weightThen = this.#lightest.earliest;
      const entry = this.#lightest.pop() as Entry<Value>;
      if (entry.weight === weightThen) {
        this.#entries.delete(entry.key);
        return weightThen;
      }
      this.#lightest.push(entry.weight, entry);
    }
  }
}

interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
  weight: number;
}
