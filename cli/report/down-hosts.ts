import type { ResultRecord } from '../../src/http/record.ts';
import { hostOf } from '../../src/http/origin.ts';
import type { LimitedHosts } from '../../src/outputs/summary/limited-hosts.ts';

type DownHost = LimitedHosts['down'][number];

/** Collects the hosts that a recorded run gave up (`HOST_DOWN`), with the failure that their records tell. */
export class DownHosts {
  readonly #hosts = new Map<string, DownHost>();

  /** Adds a record. Only the first thousand hosts are kept. */
  add({ kind, url, attempts, ...record }: ResultRecord): void {
    if (kind !== 'failure' || !('error' in record) || record.error.code !== 'HOST_DOWN') return;
    const host = hostOf(url);
    const code = /\(last: ([A-Z_]+)\)/.exec(record.error.message)?.[1];
    if (host === undefined || code === undefined) return;
    const known = this.#hosts.get(host);
    if (known === undefined && this.#hosts.size >= maxHosts) return;
    const { notSent = 0, tried = 0 } = known ?? {};
    this.#hosts.set(host, { host, notSent: notSent + 1, tried: tried + attempts, code });
  }

  get down(): readonly DownHost[] {
    return [...this.#hosts.values()];
  }
}

const maxHosts = 1000;
