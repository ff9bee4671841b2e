// Peak memory of large bodies at once: saved to files by the command, archived by it, and given to a writer of a program that
// only counts. Arguments: how many bodies, megabytes of each that is saved or archived, and of each that is counted.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFetcher } from '../src/fetcher/fetcher.ts';
import type { BodyReceiver } from '../src/http/body-writer.ts';
import { builtCommand } from './built-command.ts';

const [mode, ...rest] = process.argv.slice(2);
if (mode === 'count') await count(rest);
else await measureAll(...(process.argv.slice(2).map(Number) as [number?, number?, number?]));

async function measureAll(bodies = 50, savedMB = 200, countedMB = 1000): Promise<void> {
  const block = Buffer.alloc(1_000_000, 'x');
  const server = createServer((request, response) => {
    const megabytes = Number(request.url?.split('/')[1]);
    response.writeHead(200, { 'content-length': megabytes * block.length });
    let sent = 0;
    const send = (): void => {
      while (sent < megabytes) {
        sent += 1;
        if (!response.write(block)) return void response.once('drain', send);
      }
      response.end();
    };
    send();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const urls = (megabytes: number): string[] =>
    Array.from({ length: bodies }, (_, at) => `${origin}/${megabytes}/${at}`);
  const folder = mkdtempSync(join(tmpdir(), 'fetchmany-save-'));
  const command = [builtCommand(), '-c', String(bodies), '--per-host', String(bodies), '-q', '-o', '/dev/null', '-j'];
  try {
    const saving = ['--save', join(folder, 'saved')];
    console.log(`${bodies} x ${savedMB} MB with --save: ${await peakOf([...command, ...saving, ...urls(savedMB)])}`);
    rmSync(join(folder, 'saved'), { recursive: true });
    const archiving = ['--warc', join(folder, 'crawl.warc.gz')];
    console.log(`${bodies} x ${savedMB} MB with --warc: ${await peakOf([...command, ...archiving, ...urls(savedMB)])}`);
    const counting = [process.argv[1]!, 'count', ...urls(countedMB)];
    console.log(`${bodies} x ${countedMB} MB to a writer that counts: ${await peakOf(counting)}`);
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Runs Node, and tells its peak memory, which is looked up all the time, and how long it took. */
async function peakOf(args: readonly string[]): Promise<string> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  let peakKB = 0;
  const looking = setInterval(() => {
    peakKB = Math.max(peakKB, Number(/VmHWM:\s*(\d+)/.exec(statusOf(child.pid))?.[1] ?? 0));
  }, 100);
  const code = await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(looking);
  if (code !== 0) throw new Error(`it ended with ${String(code)}`);
  return `${(peakKB / 1000).toFixed(0)} MB, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

async function count(urls: readonly string[]): Promise<void> {
  let bytes = 0;
  const responseBody: BodyReceiver = () => ({
    write(chunk) {
      bytes += chunk.length;
      return true;
    },
    end: async () => {},
    commit: () => ({}),
    abort() {},
  });
  const { length: bodies } = urls;
  const limits = { concurrency: bodies, perHost: { concurrency: bodies }, timeoutMs: Infinity };
  await using fetcher = createFetcher({ ...limits, responseBody });
  let expected = 0;
  for await (const result of fetcher.asCompleted(urls)) {
    if (result.kind !== 'response') throw result.error;
    expected += result.length;
  }
  if (bytes !== expected) throw new Error(`${bytes} bytes were written of ${expected}`);
}
