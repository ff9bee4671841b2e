import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Kinds of response: 1 KB, 100 KB over TLS (with a self-signed certificate), or 100 KB sent as gzip. */
export type ServerKind = 'plain' | 'tls' | 'gzip';

/** A server in a separate process, as cheap as possible: `/50/anything` is 1 KB after 50 ms. `await using` stops it. */
export interface BareServer extends AsyncDisposable {
  /** Its origins, one per port, without a trailing slash. */
  readonly hosts: readonly string[];
  /** Resolves with the number of requests received so far. */
  requests(): Promise<number>;
}

export async function startBareServer(hosts: number, kind: ServerKind = 'plain'): Promise<BareServer> {
  const file = new URL('bare-server-process.ts', import.meta.url);
  const child = fork(file, [String(hosts), kind], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const [urls] = (await once(child, 'message')) as [string[]];
  return {
    hosts: urls,
    async requests() {
      child.send('how many?');
      const [requests] = (await once(child, 'message')) as [number];
      return requests;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
