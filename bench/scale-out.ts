// Measures a list fetched by one process, and through a queue by 1, 2 and 3 workers: URLs per second, CPU time per URL of
// each part, memory of the queue. All on this machine. The first argument is the number of URLs (1,000,000), the second
// a list of numbers of workers (1,2,3). Needs Linux and redis-server.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startBareServer } from './bare-server.ts';
import { builtCommand } from './built-command.ts';
import { machine } from './machine.ts';
import { firstInstalled } from './measured-process.ts';

const urls = Number(process.argv[2] ?? 1_000_000);
const counts = (process.argv[3] ?? '1,2,3').split(',').map(Number);
const hosts = 1000;
const limits = ['--per-host', '6', '-c', '50'];

/** The cost of a process so far. */
interface Cost {
  /** User and system time in microseconds. */
  readonly cpuUs: number;
  readonly peakMB: number;
}

/** A process whose cost is sampled, as it is gone with the process. */
class Sampled {
  readonly child: ChildProcess;
  cost: Cost = { cpuUs: 0, peakMB: 0 };
  readonly #timer: NodeJS.Timeout;

  constructor(command: readonly [file: string, ...args: string[]], env: NodeJS.ProcessEnv = {}) {
    const [file, ...args] = command;
    this.child = spawn(file, args, { stdio: 'ignore', env: { ...process.env, ...env } });
    this.#timer = setInterval(() => this.sample(), 50);
  }

  sample(): void {
    try {
      const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      // In ticks of 10 ms.
      const cpuUs = (Number(stat[11]) + Number(stat[12])) * 10_000;
      const peakKB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
      // A process that has ended has no memory any more.
      if (cpuUs > 0) this.cost = { cpuUs, peakMB: Math.max(this.cost.peakMB, peakKB / 1000) };
    } catch {
      // It has ended.
    }
  }

  async ended(): Promise<void> {
    if (this.child.exitCode === null) await once(this.child, 'exit');
    clearInterval(this.#timer);
    if (this.child.exitCode !== 0) throw new Error(`A process ended with ${this.child.exitCode}`);
  }

  kill(): void {
    clearInterval(this.#timer);
    this.child.kill();
  }
}

if (firstInstalled('scale-out', ['redis-server']) === undefined) process.exit();
await using server = await startBareServer(1);
const folder = mkdtempSync(join(tmpdir(), 'fetchmany-bench-'));
const list = join(folder, 'urls.txt');
writeList();
console.log(machine());
console.log(`\n${urls} URLs of 1 KB on ${hosts} hosts, 50 in flight per process; CPU time in microseconds per URL\n`);
console.log('                  wall s   URL/s   worker  coordinator  queue   peak MB: coordinator, queue data');

await measureAlone();
for (const count of counts) await measureWith(count);
rmSync(folder, { recursive: true });

function writeList(): void {
  const { port } = new URL(server.hosts[0]!);
  const file = openSync(list, 'w');
  for (let from = 0; from < urls; from += 10_000) {
    const size = Math.min(10_000, urls - from);
    const lines = Array.from({ length: size }, (_, at) => {
      const number = from + at;
      return `http://h${(number * 7919) % hosts}.localhost:${port}/0/${number}\n`;
    });
    writeSync(file, lines.join(''));
  }
  closeSync(file);
}

async function measureAlone(): Promise<void> {
  const output = join(folder, 'alone.jsonl');
  const startedAt = performance.now();
  const alone = new Sampled([process.execPath, builtCommand(), '-i', list, '-o', output, '-q', ...limits]);
  await alone.ended();
  print('one process', performance.now() - startedAt, [alone.cost.cpuUs, 0, 0], `${alone.cost.peakMB.toFixed(0)}, -`);
}

async function measureWith(count: number): Promise<void> {
  const socket = join(folder, 'redis.sock');
  const options = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const redis = new Sampled(['redis-server', ...options]);
  const env = { FETCHMANY_QUEUE: `redis+unix://${socket}` };
  const client = new Redis({ path: socket });
  client.on('error', () => {});
  await client.ping();
  const output = join(folder, `${count}.jsonl`);
  const startedAt = performance.now();
  const command = [process.execPath, builtCommand()] as const;
  const workers = Array.from({ length: count }, () => new Sampled([...command, 'worker', '--until-done', '-q'], env));
  const coordinator = new Sampled([...command, '-i', list, '-o', output, '-q', ...limits], env);
  await coordinator.ended();
  const wallMs = performance.now() - startedAt;
  await Promise.all(workers.map((worker) => worker.ended()));
  const peak = Number(/used_memory_peak:(\d+)/.exec(await client.info('memory'))?.[1]) / 1e6;
  redis.sample();
  client.disconnect();
  redis.kill();
  await once(redis.child, 'exit');
  const worker = workers.reduce((sum, { cost }) => sum + cost.cpuUs, 0);
  const memory = `${coordinator.cost.peakMB.toFixed(0)}, ${peak.toFixed(1)}`;
  print(`${count} worker${count === 1 ? '' : 's'}`, wallMs, [worker, coordinator.cost.cpuUs, redis.cost.cpuUs], memory);
  rmSync(output);
  rmSync(join(folder, 'appendonlydir'), { recursive: true });
}

function print(name: string, wallMs: number, costs: readonly number[], memory: string): void {
  const [worker, coordinator, queue] = costs.map((cpuUs) => (cpuUs === 0 ? '-' : (cpuUs / urls).toFixed(1)));
  const speed = Math.round((urls * 1000) / wallMs);
  console.log(
    name.padEnd(14),
    (wallMs / 1000).toFixed(1).padStart(9),
    String(speed).padStart(7),
    worker!.padStart(8),
    coordinator!.padStart(12),
    queue!.padStart(6),
    `  ${memory}`,
  );
}
