import type { Transport, TransportRequest, TransportResponse, TransportSendOptions } from '../../src/index.ts';
import { toFetchError } from './to-fetch-error.ts';

/** Sends requests with the global `fetch`. */
export class FetchTransport implements Transport {
  async send(
    { url, method, headers, body }: TransportRequest,
    options: TransportSendOptions,
  ): Promise<TransportResponse> {
    try {
      const response = await fetch(url, {
        method,
        // The codings that fetch undoes on every version of Node.
        headers: { ...headers, 'accept-encoding': 'gzip, deflate, br' },
        body: body === undefined ? null : Buffer.from(body),
        // The fetcher follows redirects itself, within its limits.
        redirect: 'manual',
        signal: options.signal,
      });
      return { status: response.status, headers: response.headers, body: response.body, decoded: true };
    } catch (error) {
      throw toFetchError(error);
    }
  }
}
