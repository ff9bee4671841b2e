import { expect } from 'vitest';
import { FairQueue } from '../../src/scheduling/fair-queue.ts';
import { Limits, type LimitsOptions } from '../../src/scheduling/limits.ts';
import { Waiting } from '../../src/scheduling/waiting.ts';

/** One step of a test. An `index` chooses among the candidates, modulo their number. */
export type Step =
  | { readonly kind: 'offer'; readonly run: number; readonly origin: number }
  | { readonly kind: 'next'; readonly run: number }
  | { readonly kind: 'release'; readonly index: number; readonly retry: boolean }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'wake'; readonly run: number }
  | { readonly kind: 'pause'; readonly origin: number; readonly ms: number }
  | { readonly kind: 'remove'; readonly run: number; readonly index: number }
  | { readonly kind: 'concurrency'; readonly concurrency: number };

/** A request of the model. Its name is what the real queue holds. */
interface Item {
  readonly name: string;
  readonly origin: string;
  readonly run: number;
}

interface OriginModel {
  inFlight: number;
  startedAt: number;
  pausedUntil: number;
}

/** One run: the real queue, and the waiting requests of each origin as plain arrays. */
interface RunModel {
  readonly waiting: Waiting;
  readonly fairQueue: FairQueue;
  readonly tickets: Map<Item, number>;
  readonly retries: Map<string, Item[]>;
  readonly fresh: Map<string, Item[]>;
}

const origins = ['a', 'b', 'c', 'd'];

/** The simplest possible scheduler beside the real one. After each step both must agree. */
export class FairQueueModel {
  readonly #options: LimitsOptions;
  readonly #limits: Limits;
  readonly #runs: RunModel[];
  readonly #origins = new Map<string, OriginModel>();
  readonly #inFlight: Item[] = [];
  #concurrency: number;
  #startedAt = -Infinity;
  #now = 1000;
  #offered = 0;

  constructor(options: LimitsOptions, runs: number) {
    this.#options = options;
    this.#concurrency = options.concurrency;
    this.#limits = new Limits(options);
    this.#runs = Array.from({ length: runs }, () => {
      const waiting = new Waiting();
      return {
        waiting,
        fairQueue: new FairQueue(this.#limits, waiting),
        tickets: new Map<Item, number>(),
        retries: new Map<string, Item[]>(origins.map((origin) => [origin, []])),
        fresh: new Map<string, Item[]>(origins.map((origin) => [origin, []])),
      };
    });
    for (const origin of origins) this.#origins.set(origin, { inFlight: 0, startedAt: -Infinity, pausedUntil: 0 });
  }

  /** Takes one step in both, and compares them. */
  step(step: Step): void {
    switch (step.kind) {
      case 'offer':
        this.#offer(step.run, origins[step.origin] as string);
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
        this.#pause(origins[step.origin] as string, this.#now + step.ms);
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

  /** Starts and releases every request, then lets time pass. */
  finish(): void {
    for (const run of this.#runs) {
      while (run.fairQueue.waiting > 0) {
        if (this.#next(run)) continue;
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
    expect(this.#limits.originCount(this.#now)).toBe(0);
  }

  #offer(index: number, origin: string): void {
    const run = this.#run(index);
    this.#offered += 1;
    const item = { name: String(this.#offered), origin, run: index };
    run.fairQueue.offer(this.#ticketFor(run, item));
    run.fresh.get(origin)?.push(item);
  }

  #ticketFor(run: RunModel, item: Item): number {
    const ticket = run.waiting.add(item.name, item.origin, 0, 0);
    run.tickets.set(item, ticket);
    return ticket;
  }

  /** Starts one request in both. Returns false if none may start. */
  #next(run: RunModel): boolean {
    const ticket = run.fairQueue.next(this.#now);
    if (ticket === undefined) this.#expectNothingStartable(run);
    else this.#expectStartable(run, ticket);
    return ticket !== undefined;
  }

  #expectStartable(run: RunModel, ticket: number): void {
    const row = run.waiting.take(ticket);
    const origin = this.#origin(row.origin);
    expect(this.#openAt()).toBeLessThanOrEqual(this.#now);
    expect(this.#originOpenAt(origin)).toBeLessThanOrEqual(this.#now);
    const queue = [run.retries.get(row.origin)!, run.fresh.get(row.origin)!].find(({ length }) => length > 0);
    const item = queue!.shift()!;
    expect(item.name).toBe(row.item);
    this.#startedAt = this.#now;
    origin.startedAt = this.#now;
    origin.inFlight += 1;
    this.#inFlight.push(item);
  }

  #expectNothingStartable(run: RunModel): void {
    const times = this.#waitingIn(run).map(({ origin }) =>
      Math.max(this.#openAt(), this.#originOpenAt(this.#origin(origin))),
    );
    const earliest = Math.min(...times);
    expect(earliest).toBeGreaterThan(this.#now);
    expect(run.fairQueue.wakeAt).toBeLessThanOrEqual(earliest);
    expect(run.fairQueue.wakeAt).toBeGreaterThan(this.#now);
  }

  #release(index: number, retry: boolean): void {
    const [item] = this.#inFlight.splice(index % Math.max(1, this.#inFlight.length), 1);
    if (item === undefined) return;
    this.#origin(item.origin).inFlight -= 1;
    this.#limits.release(item.origin, this.#now);
    this.#originFreed(item.origin);
    if (!retry) return;
    const run = this.#run(item.run);
    run.fairQueue.offerFirst(this.#ticketFor(run, item));
    run.retries.get(item.origin)?.push(item);
  }

  #pause(name: string, until: number): void {
    const origin = this.#origin(name);
    origin.pausedUntil = Math.max(origin.pausedUntil, until);
    this.#limits.pause(name, until);
    this.#originFreed(name);
  }

  #remove(run: RunModel, index: number): void {
    const waiting = this.#waitingIn(run);
    const item = waiting[index % Math.max(1, waiting.length)];
    if (item === undefined) return;
    run.fairQueue.remove(run.tickets.get(item)!);
    for (const queue of [...run.retries.values(), ...run.fresh.values()]) {
      if (queue.includes(item)) queue.splice(queue.indexOf(item), 1);
    }
  }

  /** Lets time pass until the moment at which the run asked to be woken. */
  #wake(run: RunModel, must?: 'must'): void {
    if (this.#next(run)) return;
    const { wakeAt } = run.fairQueue;
    if (must !== undefined) expect(wakeAt).not.toBe(Infinity);
    if (wakeAt !== Infinity) this.#now = wakeAt;
  }

  #originFreed(origin: string): void {
    for (const { fairQueue } of this.#runs) fairQueue.originFreed(origin, this.#now);
  }

  #compareCounts(): void {
    expect(this.#limits.inFlight).toBe(this.#inFlight.length);
    for (const run of this.#runs) expect(run.fairQueue.waiting).toBe(this.#waitingIn(run).length);
    const kept = [...this.#origins.values()].filter(
      (origin) =>
        origin.inFlight > 0 ||
        origin.startedAt + intervalMs(this.#options.perHost.rate) > this.#now ||
        origin.pausedUntil > this.#now,
    );
    expect(this.#limits.originCount(this.#now)).toBe(kept.length);
    const paused = [...this.#origins].filter(([, { pausedUntil }]) => pausedUntil > this.#now);
    expect(new Map(this.#limits.pausedHosts(this.#now).map(({ host, until }) => [host, until]))).toEqual(
      new Map(paused.map(([origin, { pausedUntil }]) => [origin, pausedUntil])),
    );
  }

  #openAt(): number {
    return this.#inFlight.length < this.#concurrency ? this.#startedAt + intervalMs(this.#options.rate) : Infinity;
  }

  #originOpenAt(origin: OriginModel): number {
    const { concurrency, rate } = this.#options.perHost;
    return origin.inFlight < concurrency ? Math.max(origin.startedAt + intervalMs(rate), origin.pausedUntil) : Infinity;
  }

  #waitingIn(run: RunModel): Item[] {
    return [...run.retries.values(), ...run.fresh.values()].flat();
  }

  #run(index: number): RunModel {
    return this.#runs[index] as RunModel;
  }

  #origin(name: string): OriginModel {
    return this.#origins.get(name) as OriginModel;
  }
}

function intervalMs(rate = Infinity): number {
  return 1000 / rate;
}
