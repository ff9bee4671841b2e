import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { coordinate, type CoordinatorEnd, type CoordinatorOptions } from '../../../src/distributed/coordinator.ts';
import { runWorker, type WorkerOptions } from '../../../src/distributed/worker.ts';
import type { RequestInput } from '../../../src/http/request.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { startSites, type SiteReply, type Sites } from './sites.ts';

/** A queue, and sites to fetch from. */
export interface Bench {
  readonly redis: TestRedis;
  readonly sites: Sites;
}

/** Opens a queue and sites that reply after `delayMs`. They are closed with the test. */
export async function openBench(delayMs = 5, reply?: SiteReply): Promise<Bench> {
  const redis = await startRedis();
  const sites = await startSites(delayMs, reply);
  onTestFinished(async () => {
    await sites[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });
  return { redis, sites };
}

/** Starts workers in this process; they end with the test. */
export function startWorkers(
  count: number,
  options: WorkerOptions,
): { readonly stop: AbortController; readonly ended: Promise<void[]> } {
  const stop = new AbortController();
  const ended = Promise.all(Array.from({ length: count }, () => runWorker({ ...options, stop: stop.signal })));
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  return { stop, ended };
}

/** Coordinates a run. Its lease is long: where a busy machine lets one lapse, requests are made again. */
export function runList(
  queue: string,
  inputs: readonly RequestInput[],
  options: Omit<CoordinatorOptions, 'queue' | 'inputs'>,
): Promise<CoordinatorEnd> {
  const fetcher = { connectTimeoutMs: patienceMs, timeoutMs: patienceMs, ...options.fetcher };
  return coordinate({ leaseMs: 20_000, ...options, fetcher, queue, inputs: listed(inputs) });
}

/** The sites are slow where the machine is busy. A request that is made again would be counted twice. */
const patienceMs = 300_000;

async function* listed(inputs: readonly RequestInput[]): AsyncGenerator<{ input: RequestInput; line: number }> {
  for (const [at, input] of inputs.entries()) yield { input, line: at + 1 };
}

/** Returns URLs of several hosts in turn. */
export function urlsOf(sites: Sites, count: number, hosts: number): string[] {
  return Array.from({ length: count }, (_, at) => sites.url(`h${at % hosts}`, `/${at}`));
}

/** Resolves once a condition holds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
