import { BoundedMap } from '../../collections/bounded-map.ts';

const rememberMs = 10 * 60_000;
const maxHosts = 10_000;

/** Remembers hosts that do not speak HTTP/2, for ten minutes each. Times are milliseconds on the monotonic clock. */
export class Http1Hosts {
  readonly #until = new BoundedMap<string, number>(maxHosts);

  add(host: string, now: number): void {
    this.#until.set(host, now + rememberMs);
  }

  has(host: string, now: number): boolean {
    const until = this.#until.get(host);
    if (until === undefined) return false;
    if (until > now) return true;
    this.#until.delete(host);
    return false;
  }
}
