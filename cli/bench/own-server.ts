import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';

/** The built-in test server in its own process, so that its CPU time is not counted as ours. `await using` stops it. */
export interface OwnServer extends AsyncDisposable {
  /** The origin, without a trailing slash. */
  readonly url: string;
}

/** Starts the built-in test server in a child process. Rejects if it ends before it serves. */
export async function startOwnServer(): Promise<OwnServer> {
  // In a build, the server is a .js file next to this one.
  const file = new URL(`server-process${extname(import.meta.url)}`, import.meta.url);
  const child = fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const [url] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('The test server ended before it could serve'))),
  ])) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
