import * as http from 'node:http';
import * as https from 'node:https';
import type { Transport, TransportRequest, TransportResponse, TransportSendOptions } from '../../src/index.ts';
import { toFetchError } from './to-fetch-error.ts';

/** Sends requests with `node:http` and `node:https`. */
export class HttpTransport implements Transport {
  readonly #plain = new http.Agent({ keepAlive: true });
  readonly #secure = new https.Agent({ keepAlive: true });

  send(request: TransportRequest, { signal }: TransportSendOptions): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const sending = this.#open(request, signal);
      sending.on('response', (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
      });
      sending.on('error', (error) => reject(toFetchError(error)));
      sending.end(request.body);
    });
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #open({ url, method, headers }: TransportRequest, signal: AbortSignal): http.ClientRequest {
    return url.startsWith('https:')
      ? https.request(url, { method, headers, signal, agent: this.#secure })
      : http.request(url, { method, headers, signal, agent: this.#plain });
  }
}
