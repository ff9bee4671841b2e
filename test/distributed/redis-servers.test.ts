import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRedisBroker } from '../../src/distributed/redis/redis-broker.ts';
import { readQueueStatus } from '../../src/distributed/status.ts';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { hasRedis } from '../helpers/distributed/redis.ts';
import { startRedisProcess, type RedisProcess } from '../helpers/distributed/redis-program.ts';
import { runList, startWorkers, until, urlsOf } from '../helpers/distributed/runs.ts';
import { startSites } from '../helpers/distributed/sites.ts';
import { issue } from '../helpers/servers/authority.ts';
import { temporary } from '../helpers/temporary.ts';

const { path, file } = temporary('redis-servers');

/** A server for the test, in a folder of its own. */
async function start(argsFor: (port: number, folder: string) => readonly string[]): Promise<RedisProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-redis-'));
  const server = await startRedisProcess((port) => [...argsFor(port, folder), '--dir', folder, '--save', '']);
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

/** Sends one command, and resolves with the answer as text. */
async function ask(port: number, password: string, command: string, ...args: readonly string[]): Promise<string> {
  const client = new Redis({ port, host: '127.0.0.1', password, lazyConnect: true });
  try {
    await client.connect();
    return String(await client.call(command, ...args));
  } finally {
    client.disconnect();
  }
}

const connecting = async (queue: string): Promise<void> => {
  const broker = await openRedisBroker(queue, 'fetchmany');
  onTestFinished(() => broker.close());
  await broker.connect();
};

describe.skipIf(!hasRedis)('a queue', { timeout: 90_000 }, () => {
  test('works over TLS with client certificates and a password, in another database', async () => {
    const authority = await issue('a private authority', { isAuthority: true });
    const server = await issue('127.0.0.1', { by: authority });
    const client = await issue('a worker', { by: authority });
    const [ca, cert, key] = [authority.cert, client.cert, client.key].map((text) => file(text, '.pem'));
    const tls = ['--tls-cert-file', file(server.cert, '.pem'), '--tls-key-file', file(server.key, '.pem')];
    const login = ['--requirepass', 'a secret', '--tls-ca-cert-file', ca!];
    const { port } = await start((free) => ['--port', '0', '--tls-port', String(free), ...tls, ...login]);
    const address = `rediss://:a%20secret@127.0.0.1:${port}/3`;
    const queue = `${address}?cacert=${ca}&cert=${cert}&key=${key}`;

    await using sites = await startSites(1);
    const urls = urlsOf(sites, 60, 6);
    const output = path('.jsonl');
    startWorkers(2, { queue });
    await runList(queue, urls, { output });
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect((await readQueueStatus(queue)).run).toMatchObject({ state: 'ended', total: 60 });

    // Its socket reports one or two errors, by chance; the second one must not end the process.
    for (let count = 0; count < 10; count += 1) await connecting(address).catch(() => {});
    await expect(connecting(address)).rejects.toThrow(
      /^the queue at rediss:\/\/:\*\*\*@.* cannot be used: .*certificate/,
    );
    await expect(connecting(queue.replace('a%20secret', 'wrong'))).rejects.toThrow(/cannot be used: WRONGPASS/);
    await expect(connecting(queue.replace(':a%20secret@', ''))).rejects.toThrow(/cannot be used: NOAUTH/);
  });

  test('goes on with the replica that Sentinel makes the master, one lease later', async () => {
    const login = ['--requirepass', 'secret', '--masterauth', 'secret'];
    const password = [...login, '--repl-diskless-sync-delay', '0'];
    const master = await start((port) => ['--port', String(port), ...password]);
    const replicaOf = ['--replicaof', `127.0.0.1 ${master.port}`];
    await start((port) => ['--port', String(port), ...password, ...replicaOf]);
    await until(async () => (await ask(master.port, 'secret', 'INFO', 'replication')).includes('state=online'));
    const watch = [
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      'sentinel auth-pass main secret',
      'sentinel down-after-milliseconds main 1000',
      'sentinel failover-timeout main 5000',
    ];
    const sentinel = await start((port, folder) => {
      const config = join(folder, 'sentinel.conf');
      writeFileSync(config, ['port ' + String(port), 'requirepass watched', ...watch, ''].join('\n'));
      return [config, '--sentinel'];
    });
    const queue = `redis+sentinel://:secret@127.0.0.1:${sentinel.port}/main?sentinel-password=watched`;
    await until(async () => (await ask(sentinel.port, 'watched', 'SENTINEL', 'replicas', 'main')).includes('slave'));

    await using sites = await startSites(20);
    const urls = urlsOf(sites, 300, 6);
    const output = path('.jsonl');
    const notices: string[] = [];
    startWorkers(2, { queue });
    const done = runList(queue, urls, {
      output,
      leaseMs: 1500,
      fetcher: { perHost: { concurrency: 1, rate: 20 } },
      onNotice: (notice) => notices.push(notice),
    });
    await until(async () => sites.visits.length > 60);
    await master.kill();
    await done;
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(sites.most).toBe(1);
    expect(notices).toContain('the queue was restarted, replaced or emptied; nothing is handed out for one lease');
  });

  test('is found over TLS by Sentinels with a login, and a certificate that is not trusted ends no process', async () => {
    const authority = await issue('a private authority', { isAuthority: true });
    const server = await issue('127.0.0.1', { by: authority });
    const [ca, cert, key] = [authority.cert, server.cert, server.key].map((text) => file(text, '.pem'));
    const tls = [`tls-cert-file ${cert}`, `tls-key-file ${key}`, `tls-ca-cert-file ${ca}`, 'tls-auth-clients no'];
    const configure = (folder: string, ...lines: readonly string[]): string => {
      const config = join(folder, 'redis.conf');
      writeFileSync(config, ['port 0', ...tls, ...lines, ''].join('\n'));
      return config;
    };
    const master = await start((port, folder) => [
      configure(folder, `tls-port ${port}`, 'tls-replication yes', 'requirepass secret'),
    ]);
    const watch = [`sentinel monitor main 127.0.0.1 ${master.port} 1`, 'sentinel auth-pass main secret'];
    const sentinel = await start((port, folder) => [
      configure(folder, `tls-port ${port}`, 'tls-replication yes', 'requirepass watched', ...watch),
      '--sentinel',
    ]);
    const address = `rediss+sentinel://:secret@127.0.0.1:${sentinel.port}/main?sentinel-password=watched`;
    const queue = `${address}&cacert=${ca}`;

    await using sites = await startSites(1);
    const urls = urlsOf(sites, 40, 4);
    const output = path('.jsonl');
    startWorkers(1, { queue });
    await runList(queue, urls, { output });
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);

    // A socket reports one or two errors, by chance; the second one must not end the process.
    for (let count = 0; count < 10; count += 1) await connecting(address).catch(() => {});
    await expect(connecting(address)).rejects.toThrow(/knows a server named main \(.*certificate.*\)$/);
    const wrong = queue.replace('watched', 'wrong');
    await expect(connecting(wrong)).rejects.toThrow(/^the queue at rediss\+sentinel:.*\*\*\*.* cannot be used: /);
  });

  test('in a cluster is found from any node, and followed when its keys move', async () => {
    const startNode = async (): Promise<RedisProcess> =>
      start((port) => ['--port', String(port), '--cluster-enabled', 'yes', '--cluster-node-timeout', '5000']);
    const [one, other] = await Promise.all([startNode(), startNode()]);
    await expect(connecting(`redis://127.0.0.1:${one.port}`)).rejects.toThrow(/cannot be used: CLUSTERDOWN/);
    const slots = Array.from({ length: 16_384 }, (_, slot) => String(slot));
    const slot = await ask(one.port, '', 'CLUSTER', 'KEYSLOT', '{fetchmany}');
    await ask(one.port, '', 'CLUSTER', 'ADDSLOTS', ...slots.filter((each) => each !== slot));
    await ask(other.port, '', 'CLUSTER', 'ADDSLOTS', slot);
    await ask(one.port, '', 'CLUSTER', 'SET-CONFIG-EPOCH', '1');
    await ask(other.port, '', 'CLUSTER', 'SET-CONFIG-EPOCH', '2');
    await ask(one.port, '', 'CLUSTER', 'MEET', '127.0.0.1', String(other.port));
    const isOk = async ({ port }: RedisProcess): Promise<boolean> =>
      (await ask(port, '', 'CLUSTER', 'INFO')).includes('cluster_state:ok');
    await until(async () => (await isOk(one)) && (await isOk(other)));

    await using sites = await startSites(5);
    const urls = urlsOf(sites, 200, 4);
    const output = path('.jsonl');
    const queue = `redis://127.0.0.1:${one.port}`;
    startWorkers(2, { queue });
    const notices: string[] = [];
    const done = runList(queue, urls, {
      output,
      leaseMs: 1500,
      fetcher: { perHost: { concurrency: 1, rate: 50 } },
      onNotice: (notice) => notices.push(notice),
    });
    await until(async () => sites.visits.length > 20);
    expect(await ask(other.port, '', 'EXISTS', '{fetchmany}:run')).toBe('1');
    // The keys are lost on the way: a node must not have any of a slot that it gives away.
    const to = await ask(one.port, '', 'CLUSTER', 'MYID');
    const script = `redis.call('FLUSHALL')\nredis.call('CLUSTER', 'SETSLOT', ARGV[1], 'NODE', ARGV[2])`;
    await ask(other.port, '', 'EVAL', script, '0', slot, to);
    await ask(one.port, '', 'CLUSTER', 'SETSLOT', slot, 'NODE', to);
    await done;
    expect(compared(recordsOf(output), urls)).toEqual(exactlyOne);
    expect(sites.most).toBe(1);
    expect(notices).toContain('the queue was restarted, replaced or emptied; nothing is handed out for one lease');
    expect(await ask(one.port, '', 'EXISTS', '{fetchmany}:run')).toBe('1');
  });

  test('that Sentinels do not know, or whose Sentinels are not there, is an error at once', async () => {
    const sentinel = await start((port, folder) => {
      const config = join(folder, 'sentinel.conf');
      writeFileSync(config, `port ${port}\n`);
      return [config, '--sentinel'];
    });
    const unknown = /^the queue at .* cannot be used: no Sentinel that answers knows a server named main$/;
    await expect(connecting(`redis+sentinel://127.0.0.1:${sentinel.port}/main`)).rejects.toThrow(unknown);
    await expect(connecting('redis+sentinel://127.0.0.1:1,127.0.0.1:2/main')).rejects.toThrow(
      /cannot be used: no Sentinel that answers knows a server named main \(connect ECONNREFUSED 127.0.0.1:2\)$/,
    );
  });
});
