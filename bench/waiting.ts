// Measures what the coordinator of a queue needs for lists of several shapes: CPU time per line and peak memory, from the
// list over disk and memory into chunks, and back. Its workers only exist on paper, and so does the time. The first argument
// is the shape (all in turn, each in a process of its own), the second the number of lines (5,000,000).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boundYoungGeneration } from '../cli/process/young-generation.ts';
import { DoneSet } from '../src/distributed/done-set.ts';
import { Frontier } from '../src/distributed/frontier.ts';
import { Spool } from '../src/distributed/spool.ts';
import { Supply } from '../src/distributed/supply.ts';
import { indexOfLine, packHosts, packInput, unpackHosts } from '../src/distributed/wire.ts';
import { machine } from './machine.ts';

const shapes = ['one host', 'a thousand hosts', 'hosts of ten', 'hosts of ten, each paused once'] as const;
const [shape, lines = '5000000'] = process.argv.slice(2);
const count = Number(lines);

if (shape === undefined) {
  console.log(`${machine()}\n\n${count} lines                        us CPU per line: list  the rest   peak MB`);
  for (const each of shapes) spawnSync(process.execPath, [import.meta.filename, each, lines], { stdio: 'inherit' });
} else {
  await measure(shape);
}

async function measure(name: string): Promise<void> {
  boundYoungGeneration();
  const hosts = name === 'one host' ? 1 : name === 'a thousand hosts' ? 1000 : Math.ceil(count / 10);
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-bench-'));
  const spool = new Spool(folder);
  const frontier = new Frontier({ intervalMs: 0, perSecond: 30 });
  const done = new DoneSet();
  const supply = new Supply({ spool, frontier, isWanted: (index) => !done.has(index) });
  const startedAt = cpuUs();
  for (let index = 0; index < count; index += 1) {
    const host = (index * 7919) % hosts;
    supply.add(packInput(index, `http://h${host}.example.com/some/path/of/a/page/${index}.html`, index + 1)!);
  }
  const readAt = cpuUs();
  await handOutAll(supply, frontier, { done, pausesOnce: name.endsWith('once') });
  rmSync(folder, { recursive: true });
  const perLine = [readAt - startedAt, cpuUs() - readAt].map((us) => (us / count).toFixed(2).padStart(10));
  console.log(name.padEnd(40), ...perLine, peakMB().toFixed(0).padStart(9));
}

interface Progress {
  readonly done: DoneSet;
  /** Each host asks once to be left alone, for up to an hour. */
  readonly pausesOnce: boolean;
}

/** Keeps 300 chunks out, each for a second. */
async function handOutAll(supply: Supply, frontier: Frontier, { done, pausesOnce }: Progress): Promise<void> {
  const out: { readonly payload: Uint8Array; readonly until: number }[] = [];
  const paused = new Set<string>();
  let left = count;
  // Where nothing is out, all wait for long.
  for (let now = 1; left > 0; now += out.length === 0 ? 1000 : 20) {
    supply.fill(now);
    for (let chunk = supply.next(now, 1000); chunk !== undefined;) {
      out.push({ payload: packHosts(chunk), until: now + 1000 });
      chunk = out.length < 300 ? supply.next(now, 1000) : undefined;
    }
    const isBack = out.findIndex(({ until }) => until > now);
    for (const { payload } of out.splice(0, isBack < 0 ? out.length : isBack)) takeBack(payload, now);
    // Buffers are freed only between turns of the event loop.
    if (now % 100 < 20) await new Promise(setImmediate);
  }

  function takeBack(payload: Uint8Array, now: number): void {
    const hosts = unpackHosts(payload);
    const total = hosts.reduce((sum, host) => sum + host.lines.length, 0);
    for (const host of hosts) {
      frontier.comeBack(host.key, now, hosts.length === 1 ? total : undefined);
      if (pausesOnce && !paused.has(host.key)) {
        paused.add(host.key);
        frontier.pause(host.key, now + 600_000 + Math.random() * 3_000_000);
        supply.putBack([host], now);
      } else {
        for (const line of host.lines) if (!done.add(indexOfLine(line))) throw new Error(`${line} came twice`);
        left -= host.lines.length;
      }
    }
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function peakMB(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1000;
}
