import { createFetcherOver } from '../../src/fetcher/fetcher.ts';
import { type Fetcher } from '../../src/index.ts';
import { resolveOptions, type FetcherOptions } from '../../src/fetcher/options.ts';
import { DnsLookup, type LookupSources } from '../../src/transports/connect/dns/lookup.ts';
import { createHttp1Transport } from '../../src/transports/http1/http1.ts';

/** Creates a fetcher over real sockets that resolves names from a test's own sources. */
export function namedFetcher(sources: LookupSources, options: FetcherOptions = {}): Fetcher {
  const resolved = resolveOptions(options);
  const lookup = new DnsLookup({ ...noFiles, ...sources });
  return createFetcherOver(createHttp1Transport(resolved, { lookup }), resolved);
}

/** No hosts file, and no search list. */
export const noFiles: LookupSources = { hostsFile: '/nowhere/hosts', resolverFile: '/nowhere/resolv.conf' };
