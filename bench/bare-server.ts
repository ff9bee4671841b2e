import { fork } from 'node:child_process';
import { once } from 'node:events';

/** What it answers with: 1 KB, 100 KB over TLS (with a certificate of its own), or 100 KB that came as gzip. */
export type ServerKind = 'plain' | 'tls' | 'gzip';

/** A server in a process of its own, and as cheap as can be: `/50/anything` is 1 KB after 50 ms. `await using` ends it. */
export interface BareServer extends AsyncDisposable {
  /** Its hosts, each on a port of its own, without a slash at the end. */
  readonly hosts: readonly string[];
  /** How many requests have come so far. */
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
