import type { ResultRecord } from '../../../src/http/record.ts';
import type { FetchResult } from '../../../src/http/result.ts';
import { shown } from '../../flags/quoted.ts';

/** Watches which values of `--resolve` the URLs of a run have used: most often one is for another port. */
export class ResolveUse {
  readonly #unused: Set<string>;
  readonly #defaultScheme: string;
  #isCertain = true;

  /** @param defaultScheme scheme of URLs that have none */
  constructor(values: readonly string[], defaultScheme: string) {
    this.#unused = new Set(values);
    this.#defaultScheme = defaultScheme;
  }

  /** Takes a result. A redirect passes hosts that it does not name. */
  see(result: FetchResult | ResultRecord): void {
    if (this.#unused.size === 0) return;
    const { redirects = 0, finalUrl } = 'redirects' in result ? result : {};
    if (redirects > 1) this.#isCertain = false;
    for (const url of [result.url, finalUrl]) if (url !== undefined) this.#use(url);
  }

  /** Returns a line for each value that was not used. */
  notes(): readonly string[] {
    if (!this.#isCertain) return [];
    return Array.from(
      this.#unused,
      (value) => `--resolve ${shown(value)} was not used: no URL has this host and port (http has port 80, https 443)`,
    );
  }

  #use(given: string): void {
    const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `${this.#defaultScheme}://${given}`);
    if (url === null) return;
    const port = url.port || (url.protocol === 'http:' ? '80' : '443');
    for (const value of this.#unused) {
      const [, host = '', itsPort = ''] = /^\+?(\[[^\]]+\]|[^:[]+):(\d+):/.exec(value) ?? [];
      if (Number(itsPort) === Number(port) && (host === '*' || isSameHost(host, url.hostname))) {
        this.#unused.delete(value);
      }
    }
  }
}

function isSameHost(host: string, hostname: string): boolean {
  const other = URL.parse(`http://${host}/`)?.hostname;
  return other !== undefined && withoutDot(other) === withoutDot(hostname);
}

function withoutDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
