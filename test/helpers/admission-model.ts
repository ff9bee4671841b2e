import { expect } from 'vitest';
import { FairQueue } from '../../src/scheduling/fair-queue.ts';
import { Limits, type LimitsOptions } from '../../src/scheduling/limits.ts';

/** What may happen to the runs of a fetcher. An `index` chooses among what there is, modulo its number. */
export type Step =
  | { readonly kind: 'offer'; readonly run: number; readonly host: number }
  | { readonly kind: 'next'; readonly run: number }
  | { readonly kind: 'release'; readonly index: number; readonly retry: boolean }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'wake'; readonly run: number }
  | { readonly kind: 'pause'; readonly host: number; readonly ms: number }
  | { readonly kind: 'remove'; readonly run: number; readonly index: number }
  | { readonly kind: 'concurrency'; readonly concurrency: number };

interface Item {
  readonly host: string;
  readonly run: number;
}

interface HostModel {
  inFlight: number;
  startedAt: number;
  pausedUntil: number;
}

/** What waits in one run, for each host as plain arrays. */
interface RunModel {
  readonly fairQueue: FairQueue<Item>;
  readonly retries: Map<string, Item[]>;
  readonly fresh: Map<string, Item[]>;
}

const hosts = ['a', 'b', 'c', 'd'];

/** The plainest scheduler there could be, beside the real one: after each step both must agree. */
export class AdmissionModel {
  readonly #options: LimitsOptions;
  readonly #limits: Limits;
  readonly #runs: RunModel[];
  readonly #hosts = new Map<string, HostModel>();
  readonly #inFlight: Item[] = [];
  #concurrency: number;
  #startedAt = -Infinity;
  #now = 1000;

  constructor(options: LimitsOptions, runs: number) {
    this.#options = options;
    this.#concurrency = options.concurrency;
    this.#limits = new Limits(options);
    this.#runs = Array.from({ length: runs }, () => ({
      fairQueue: new FairQueue<Item>(this.#limits, ({ host }) => host),
      retries: new Map<string, Item[]>(hosts.map((host) => [host, []])),
      fresh: new Map<string, Item[]>(hosts.map((host) => [host, []])),
    }));
    for (const host of hosts) this.#hosts.set(host, { inFlight: 0, startedAt: -Infinity, pausedUntil: 0 });
  }

  take(step: Step): void {
    switch (step.kind) {
      case 'offer':
        this.#offer(step.run, hosts[step.host] as string);
        break;
      case 'next':
        this.#next(this.#run(step.run));
        break;
      case 'release':
        this.#release(step.index, step.retry);
        break;
      case 'advance':
        this.#now += step.ms;
        break;
      case 'wake':
        this.#wake(this.#run(step.run));
        break;
      case 'pause':
        this.#pause(hosts[step.host] as string, this.#now + step.ms);
        break;
      case 'remove':
        this.#remove(this.#run(step.run), step.index);
        break;
      case 'concurrency':
        this.#concurrency = step.concurrency;
        this.#limits.setConcurrency(step.concurrency);
    }
    this.#compareCounts();
  }

  /** Starts and releases all that waits, then lets the time pass. */
  finish(): void {
    for (const run of this.#runs) {
      while (run.fairQueue.waiting > 0) {
        if (this.#next(run) !== undefined) continue;
        if (this.#inFlight.length > 0) this.#release(0, false);
        else this.#wake(run, 'must');
      }
      this.#next(run);
      expect(run.fairQueue.clear()).toEqual([]);
      expect(this.#waitingIn(run)).toEqual([]);
    }
    while (this.#inFlight.length > 0) this.#release(0, false);
    this.#now += 10_000;
    this.#compareCounts();
    expect(this.#limits.hostCount(this.#now)).toBe(0);
  }

  #offer(index: number, host: string): void {
    const run = this.#run(index);
    const item = { host, run: index };
    run.fairQueue.offer(item);
    run.fresh.get(host)?.push(item);
  }

  #next(run: RunModel): Item | undefined {
    const item = run.fairQueue.next(this.#now);
    if (item === undefined) this.#expectNothingStartable(run);
    else this.#expectStartable(run, item);
    return item;
  }

  #expectStartable(run: RunModel, item: Item): void {
    const host = this.#host(item.host);
    expect(this.#openAt()).toBeLessThanOrEqual(this.#now);
    expect(this.#hostOpenAt(host)).toBeLessThanOrEqual(this.#now);
    const queue = [run.retries.get(item.host) ?? [], run.fresh.get(item.host) ?? []].find(({ length }) => length > 0);
    expect(queue?.shift()).toBe(item);
    this.#startedAt = this.#now;
    host.startedAt = this.#now;
    host.inFlight += 1;
    this.#inFlight.push(item);
  }

  #expectNothingStartable(run: RunModel): void {
    const times = this.#waitingIn(run).map(({ host }) => Math.max(this.#openAt(), this.#hostOpenAt(this.#host(host))));
    const earliest = Math.min(...times);
    expect(earliest).toBeGreaterThan(this.#now);
    expect(run.fairQueue.wakeAt).toBeLessThanOrEqual(earliest);
    expect(run.fairQueue.wakeAt).toBeGreaterThan(this.#now);
  }

  #release(index: number, retry: boolean): void {
    const [item] = this.#inFlight.splice(index % Math.max(1, this.#inFlight.length), 1);
    if (item === undefined) return;
    this.#host(item.host).inFlight -= 1;
    this.#limits.release(item.host, this.#now);
    this.#hostFreed(item.host);
    if (!retry) return;
    const run = this.#run(item.run);
    run.fairQueue.offerFirst(item);
    run.retries.get(item.host)?.push(item);
  }

  #pause(name: string, until: number): void {
    const host = this.#host(name);
    host.pausedUntil = Math.max(host.pausedUntil, until);
    this.#limits.pause(name, until);
    this.#hostFreed(name);
  }

  #remove(run: RunModel, index: number): void {
    const waiting = this.#waitingIn(run);
    const item = waiting[index % Math.max(1, waiting.length)];
    if (item === undefined) return;
    run.fairQueue.remove(item);
    for (const queue of [...run.retries.values(), ...run.fresh.values()]) {
      if (queue.includes(item)) queue.splice(queue.indexOf(item), 1);
    }
  }

  /** Lets the time pass until the run asked to be woken. */
  #wake(run: RunModel, must?: 'must'): void {
    if (this.#next(run) !== undefined) return;
    const { wakeAt } = run.fairQueue;
    if (must !== undefined) expect(wakeAt).not.toBe(Infinity);
    if (wakeAt !== Infinity) this.#now = wakeAt;
  }

  #hostFreed(host: string): void {
    for (const { fairQueue } of this.#runs) fairQueue.hostFreed(host);
  }

  #compareCounts(): void {
    expect(this.#limits.inFlight).toBe(this.#inFlight.length);
    for (const run of this.#runs) expect(run.fairQueue.waiting).toBe(this.#waitingIn(run).length);
    const kept = [...this.#hosts.values()].filter(
      (host) =>
        host.inFlight > 0 ||
        host.startedAt + intervalMs(this.#options.perHost.rate) > this.#now ||
        host.pausedUntil > this.#now,
    );
    expect(this.#limits.hostCount(this.#now)).toBe(kept.length);
    const paused = [...this.#hosts].filter(([, { pausedUntil }]) => pausedUntil > this.#now);
    expect(new Map(this.#limits.pausedHosts(this.#now).map(({ host, until }) => [host, until]))).toEqual(
      new Map(paused.map(([host, { pausedUntil }]) => [host, pausedUntil])),
    );
  }

  #openAt(): number {
    return this.#inFlight.length < this.#concurrency ? this.#startedAt + intervalMs(this.#options.rate) : Infinity;
  }

  #hostOpenAt(host: HostModel): number {
    const { concurrency, rate } = this.#options.perHost;
    return host.inFlight < concurrency ? Math.max(host.startedAt + intervalMs(rate), host.pausedUntil) : Infinity;
  }

  #waitingIn(run: RunModel): Item[] {
    return [...run.retries.values(), ...run.fresh.values()].flat();
  }

  #run(index: number): RunModel {
    return this.#runs[index] as RunModel;
  }

  #host(name: string): HostModel {
    return this.#hosts.get(name) as HostModel;
  }
}

function intervalMs(rate = Infinity): number {
  return 1000 / rate;
}
