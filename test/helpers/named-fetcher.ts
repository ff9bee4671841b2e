import { createFetcher, type Fetcher } from '../../src/fetcher/fetcher.ts';
import { resolveOptions, type FetcherOptions } from '../../src/fetcher/options.ts';
import { DnsLookup, type LookupSources } from '../../src/transports/connect/dns/lookup.ts';
import { createUndiciTransport } from '../../src/transports/undici/undici.ts';

/** A fetcher over real sockets that looks names up in a test's own sources. */
export function namedFetcher(sources: LookupSources, options: FetcherOptions = {}): Fetcher {
  const transport = createUndiciTransport(resolveOptions(options), {
    lookup: new DnsLookup({ ...noFiles, ...sources }),
  });
  return createFetcher({ ...options, transport });
}

/** No hosts file, and no search list. */
export const noFiles: LookupSources = { hostsFile: '/nowhere/hosts', resolverFile: '/nowhere/resolv.conf' };
