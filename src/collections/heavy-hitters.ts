import { Heap } from './heap.ts';

/**
 * Keeps a value for each of the keys that weigh most, in bounded memory: once there are as many as it may hold, a new key
 * takes the place of the lightest, and its weight with it. Whatever weighs more than the total divided by the capacity is
 * kept for certain. While nothing has been pushed out, all of it is exact.
 *
 * The Space-Saving algorithm (A. Metwally, D. Agrawal, A. El Abbadi, Efficient Computation of Frequent and Top-k Elements
 * in Data Streams, ICDT 2005), with a heap in place of its list of buckets, as weights are no whole numbers.
 */
export class HeavyHitters<Value> {
  readonly #capacity: number;
  readonly #make: (key: string) => Value;
  readonly #places = new Map<string, Entry<Value>>();
  /** By what a place weighed when it was last put here; weights only grow, so that is never too much. */
  readonly #lightest = new Heap<Entry<Value>>();
  #isExact = true;

  /** @param make makes the value of a key that is new, or new again */
  constructor(capacity: number, make: (key: string) => Value) {
    this.#capacity = capacity;
    this.#make = make;
  }

  /** Whether no key was ever pushed out. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** How many keys are kept. */
  get size(): number {
    return this.#places.size;
  }

  get(key: string): Value | undefined {
    return this.#places.get(key)?.value;
  }

  values(): Value[] {
    return Array.from(this.#places.values(), ({ value }) => value);
  }

  /** Makes a key weigh so much more, and gives its value. */
  add(key: string, weight: number): Value {
    const place = this.#places.get(key);
    if (place === undefined) return this.#enter(key, weight);
    place.weight += weight;
    return place.value;
  }

  #enter(key: string, weight: number): Value {
    const inherited = this.#places.size < this.#capacity ? 0 : this.#pushOut();
    const place = { key, weight: inherited + weight, value: this.#make(key) };
    this.#places.set(key, place);
    this.#lightest.push(place.weight, place);
    return place.value;
  }

  /** Takes out the lightest, and says what it weighed. */
  #pushOut(): number {
    this.#isExact = false;
    for (;;) {
      const weightThen = this.#lightest.earliest;
      const place = this.#lightest.pop() as Entry<Value>;
      if (place.weight === weightThen) {
        this.#places.delete(place.key);
        return weightThen;
      }
      this.#lightest.push(place.weight, place);
    }
  }
}

interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
  weight: number;
}
