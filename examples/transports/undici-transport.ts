import { Agent, request as send, type Dispatcher } from 'undici';
import type { Transport, TransportRequest, TransportResponse, TransportSendOptions } from '../../src/index.ts';
import { toFetchError } from './to-fetch-error.ts';

/** Sends requests with undici, through any dispatcher: a pool, a proxy, a retrying or a caching one. */
export class UndiciTransport implements Transport {
  readonly #dispatcher: Dispatcher;

  constructor(dispatcher: Dispatcher = new Agent()) {
    this.#dispatcher = dispatcher;
  }

  async send(request: TransportRequest, { signal }: TransportSendOptions): Promise<TransportResponse> {
    const { url, method, headers, body = null } = request;
    try {
      const response = await send(url, { dispatcher: this.#dispatcher, method, headers, body, signal });
      return { status: response.statusCode, headers: response.headers, body: response.body };
    } catch (error) {
      throw toFetchError(error);
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }
}
