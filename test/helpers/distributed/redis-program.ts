import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../servers/free-port.ts';

const program = 'redis-server';

/** A server process of Redis on a port of its own. `await using` kills it. */
export interface RedisProcess extends AsyncDisposable {
  readonly port: number;
  /** Kills it without a chance to write anything. */
  kill(): Promise<void>;
}

/**
 * Starts Redis with arguments that depend on a free port, and resolves once it says that it is ready. Takes another port if
 * somebody else was quicker.
 */
export async function startRedisProcess(argsFor: (port: number) => readonly string[]): Promise<RedisProcess> {
  for (;;) {
    const port = await freePort();
    const child = spawn(program, argsFor(port), { stdio: ['ignore', 'pipe', 'ignore'] });
    if (await isReady(child)) return redisProcess(child, port);
  }
}

function redisProcess(child: ChildProcess, port: number): RedisProcess {
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  return { port, kill, [Symbol.asyncDispose]: kill };
}

/** Resolves with false if it ended instead. Throws for anything but a port in use. */
async function isReady(child: ChildProcess): Promise<boolean> {
  let said = '';
  for await (const text of child.stdout!.iterator({ destroyOnReturn: false })) {
    said += String(text);
    if (/Ready to accept connections|Sentinel ID is/.test(said)) {
      child.stdout!.resume();
      return true;
    }
  }
  if (/Address already in use/.test(said)) return false;
  throw new Error(`redis-server ended: ${said}`);
}
