import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The embedded server in a process of its own, so that its work does not count as ours. */
export interface BenchServer extends AsyncDisposable {
  readonly url: string;
}

const serverFile = fileURLToPath(new URL('server-process.ts', import.meta.url));

export async function startBenchServer(): Promise<BenchServer> {
  const child: ChildProcess = fork(serverFile, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}
