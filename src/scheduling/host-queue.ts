import { Fifo } from '../collections/fifo.ts';

/** What waits for one host: first the retries in the order in which they came back, then the rest as offered. */
export class HostQueue<T extends object | number> {
  readonly host: string;
  readonly #fresh = new Fifo<T>();
  // Most hosts never have any.
  #retries: Fifo<T> | undefined;
  #removed: Set<T> | undefined;

  constructor(host: string) {
    this.host = host;
  }

  get length(): number {
    return this.#stored - (this.#removed?.size ?? 0);
  }

  push(item: T): void {
    this.#fresh.push(item);
  }

  pushRetry(item: T): void {
    (this.#retries ??= new Fifo()).push(item);
  }

  shift(): T | undefined {
    for (;;) {
      const item = this.#retries?.shift() ?? this.#fresh.shift();
      if (item === undefined || this.#removed?.delete(item) !== true) return item;
    }
  }

  /** Takes out one that waits here. It is only marked, and passed over later: amortised constant time. */
  remove(item: T): void {
    this.#removed ??= new Set();
    this.#removed.add(item);
    // In a host that is paused for long nothing is passed over, and the marked ones would pile up.
    if (this.#removed.size * 2 > this.#stored) this.#sweep(this.#removed);
  }

  toArray(): T[] {
    if (this.#removed !== undefined) this.#sweep(this.#removed);
    return [...(this.#retries?.toArray() ?? []), ...this.#fresh.toArray()];
  }

  get #stored(): number {
    return (this.#retries?.length ?? 0) + this.#fresh.length;
  }

  #sweep(removed: ReadonlySet<T>): void {
    this.#retries?.keep((item) => !removed.has(item));
    this.#fresh.keep((item) => !removed.has(item));
    this.#removed = undefined;
  }
}
