import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compared, exactlyOne, recordsOf } from '../helpers/distributed/check-records.ts';
import { hasRedis, startRedis, type TestRedis } from '../helpers/distributed/redis.ts';
import { ownerOf, startSites, type Sites } from '../helpers/distributed/sites.ts';
import { startCli } from '../helpers/process/cli.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('distributed-faults');

const leaseMs = 2000;
const hosts = 12;
const perHost = 2;
/** Milliseconds between two starts on a host. */
const intervalMs = 100;

/** A run of the command, with workers that are processes of their own. All are ended with the test. */
class Fleet {
  readonly urls: readonly string[];
  readonly output = path('.jsonl');
  readonly sites: Sites;
  readonly redis: TestRedis;
  readonly #list = path('.txt');
  readonly #workers: ChildProcess[] = [];
  #coordinator: ChildProcess | undefined;
  stderr = '';

  constructor(redis: TestRedis, sites: Sites, count: number) {
    this.redis = redis;
    this.sites = sites;
    this.urls = Array.from({ length: count }, (_, at) => sites.url(`h${at % hosts}`, `/${at}`));
    writeFileSync(this.#list, this.urls.join('\n'));
    onTestFinished(async () => {
      for (const child of [...this.#workers, this.#coordinator]) child?.kill('SIGKILL');
      await this.sites[Symbol.asyncDispose]();
      await this.redis[Symbol.asyncDispose]();
    });
  }

  static async open(count: number, settings: readonly string[]): Promise<Fleet> {
    return new Fleet(await startRedis(settings), await startSites(20), count);
  }

  startWorker(): ChildProcess {
    const worker = startCli(['worker', '--queue', this.redis.queue, '--until-done']);
    worker.stderr!.on('data', (text) => (this.stderr += String(text)));
    this.sites.watched.add(worker.pid!);
    this.#workers.push(worker);
    return worker;
  }

  /** Starts or continues the run. */
  startCoordinator(): ChildProcess {
    const limits = ['--per-host', String(perHost), '--host-rate', `${1000 / intervalMs}/s`, '--lease', `${leaseMs}ms`];
    // The sites are slow where the machine is busy.
    const patience = ['-t', '5m', '--connect-timeout', '5m'];
    const args = ['-i', this.#list, '-o', this.output, '--queue', this.redis.queue, '--resume', ...limits, ...patience];
    const child = startCli(args);
    child.stderr!.on('data', (text) => (this.stderr += String(text)));
    this.#coordinator = child;
    return child;
  }

  /** Resolves once so many requests have reached the sites. */
  async seen(count: number): Promise<void> {
    while (this.sites.visits.length < count) await sleep(10);
  }

  async ended(): Promise<void> {
    const child = this.#coordinator!;
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode, this.stderr).toBe(0);
  }

  /** The worker that sent most of the last requests. */
  get busiest(): ChildProcess {
    const counts = Map.groupBy(this.sites.visits.slice(-50), ({ pid }) => pid);
    const sent = (worker: ChildProcess): number => counts.get(worker.pid)?.length ?? 0;
    return this.#workers.toSorted((a, b) => sent(b) - sent(a))[0]!;
  }

  /** Requests that were made more than once. */
  get repeated(): number {
    return this.sites.visits.length - this.urls.length;
  }

  /** What must hold whatever happens. */
  check(): void {
    expect(compared(recordsOf(this.output), this.urls), this.stderr).toEqual(exactlyOne);
    expect(this.sites.most).toBeLessThanOrEqual(perHost);
    // An owner has heard of its last response before the next owner begins, so a busy machine makes this no shorter.
    const tooSoon = this.sites.changes().filter(([before, next]) => next.at - before.at < intervalMs / 2);
    expect(tooSoon).toEqual([]);
  }
}

describe.skipIf(!hasRedis)('whatever is killed', () => {
  test(
    'a worker that is killed, one that is stopped beyond its lease, a coordinator',
    { timeout: 240_000 },
    async () => {
      const fleet = await Fleet.open(560, ['--appendonly', 'yes', '--appendfsync', 'everysec']);
      for (let number = 0; number < 3; number += 1) fleet.startWorker();
      const coordinator = fleet.startCoordinator();
      await fleet.seen(100);
      fleet.busiest.kill('SIGKILL');
      await fleet.seen(250);
      const stopped = fleet.busiest;
      stopped.kill('SIGSTOP');
      await sleep(leaseMs * 1.6);
      stopped.kill('SIGCONT');
      await fleet.seen(360);
      coordinator.kill('SIGKILL');
      await once(coordinator, 'exit');
      fleet.startCoordinator();
      fleet.startWorker();
      await fleet.ended();
      fleet.check();
      // What was in flight at each of the two, and once more where a busy machine lets a lease lapse.
      expect(fleet.repeated).toBeLessThanOrEqual(3 * hosts * perHost);
    },
  );

  test('a queue that loses everything, and one that loses its last second', { timeout: 240_000 }, async () => {
    const fleet = await Fleet.open(480, ['--appendonly', 'yes', '--appendfsync', 'everysec']);
    for (let number = 0; number < 3; number += 1) fleet.startWorker();
    fleet.startCoordinator();
    await fleet.seen(100);
    await fleet.redis.client.flushall();
    await fleet.seen(300);
    await fleet.redis.kill();
    fleet.stderr += `(${cutLog(fleet.redis.folder)} bytes were cut)`;
    await fleet.redis.start();
    await fleet.ended();
    fleet.check();
    expect(fleet.stderr).toContain('no work is handed out for one lease');
  });

  test('a queue that is killed, but has every write on disk', { timeout: 240_000 }, async () => {
    const fleet = await Fleet.open(240, ['--appendonly', 'yes', '--appendfsync', 'always']);
    for (let number = 0; number < 2; number += 1) fleet.startWorker();
    fleet.startCoordinator();
    await fleet.seen(80);
    await fleet.redis.kill();
    await fleet.redis.start();
    await fleet.ended();
    fleet.check();
    // It knows all records that it has answered for: only what was in flight may be made again, and that once more where a
    // busy machine lets a lease lapse.
    expect(fleet.repeated).toBeLessThanOrEqual(2 * hosts * perHost);
  });

  test(
    'a request that ends the process of every worker that makes it gets a record',
    { timeout: 240_000 },
    async () => {
      const redis = await startRedis();
      const sites = await startSites(5, (request) => {
        if (request.url !== '/13') return false;
        const pid = ownerOf(request.socket);
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        return true;
      });
      const list = path('.txt');
      const output = path('.jsonl');
      const urls = Array.from({ length: 40 }, (_, at) => sites.url('a', `/${at}`));
      writeFileSync(list, urls.join('\n'));
      const supervisor = startCli(['worker', '--queue', redis.queue, '--workers', '3']);
      const coordinator = startCli(['-i', list, '-o', output, '--queue', redis.queue, '--lease', '1s']);
      onTestFinished(async () => {
        supervisor.kill('SIGTERM');
        coordinator.kill('SIGKILL');
        if (supervisor.exitCode === null) await once(supervisor, 'exit');
        await sites[Symbol.asyncDispose]();
        await redis[Symbol.asyncDispose]();
      });
      await once(coordinator, 'exit');
      expect(coordinator.exitCode).toBe(1);
      const records = recordsOf(output);
      expect(compared(records, urls)).toEqual(exactlyOne);
      const failed = records.filter(({ ok }) => !ok);
      expect(failed).toMatchObject([
        { index: 13, error: { code: 'INTERNAL', message: 'The worker died 3 times during this request' } },
      ]);
    },
  );
});

/** Cuts off the end of the append-only file at any byte, as a loss of power does. Returns the number of bytes. */
function cutLog(folder: string): number {
  const directory = join(folder, 'appendonlydir');
  const file = readdirSync(directory).find((name) => name.includes('.incr.'))!;
  const log = join(directory, file);
  const { size } = statSync(log);
  const bytes = Math.min(size, 1 + Math.trunc(Math.random() * 40_000));
  truncateSync(log, size - bytes);
  return bytes;
}
