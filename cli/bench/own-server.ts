import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';

/** The embedded server in a process of its own, so that its work does not count as ours. `await using` ends it. */
export interface OwnServer extends AsyncDisposable {
  /** The origin, without a slash at its end. */
  readonly url: string;
}

export async function startOwnServer(): Promise<OwnServer> {
  // In a build the neighbour is a .js file, as this one is.
  const file = new URL(`server-process${extname(import.meta.url)}`, import.meta.url);
  const child = fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const [url] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('The embedded server ended before it could serve'))),
  ])) as [string];
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
