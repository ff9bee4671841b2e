import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { hasTool } from '../process/tools.ts';

const program = 'redis-server';

/** True where Debian's redis-server is installed. */
export const hasRedis: boolean = hasTool(program);

/** A Redis server of a test's own, on a socket in a folder of its own. `await using` ends it. */
export interface TestRedis extends AsyncDisposable {
  /** Its URL, for `--queue`. */
  readonly queue: string;
  /** The folder of its files. */
  readonly folder: string;
  /** A client for the test itself. */
  readonly client: Redis;
  /** Kills it without a chance to write anything. */
  kill(): Promise<void>;
  /** Starts it again on its files. */
  start(): Promise<void>;
}

/** Starts a server. `settings` are lines of its configuration as arguments: `--maxmemory 10mb`. */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-redis-'));
  const socket = join(folder, 'redis.sock');
  const client = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {});
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', ...settings];
    server = spawn(program, args, { stdio: 'ignore' });
    for (;;) {
      const probe = new Redis({ path: socket, lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
      probe.on('error', () => {});
      try {
        await probe.connect();
        return;
      } catch {
        await sleep(20);
      } finally {
        probe.disconnect();
      }
    }
  }

  async function kill(): Promise<void> {
    if (server?.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  }

  await start();
  await client.connect();
  return {
    queue: `redis+unix://${socket}`,
    folder,
    client,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
