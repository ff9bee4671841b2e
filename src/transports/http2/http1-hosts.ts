const rememberMs = 10 * 60_000;
const maxHosts = 10_000;

/** Hosts that do not speak HTTP/2. They may learn it, so what is known of them expires; times are in milliseconds. */
export class Http1Hosts {
  readonly #until = new Map<string, number>();

  add(host: string, now: number): void {
    this.#until.delete(host);
    this.#until.set(host, now + rememberMs);
    const [oldest] = this.#until.keys();
    if (this.#until.size > maxHosts && oldest !== undefined) this.#until.delete(oldest);
  }

  has(host: string, now: number): boolean {
    const until = this.#until.get(host);
    if (until === undefined) return false;
    if (until > now) return true;
    this.#until.delete(host);
    return false;
  }
}
