import { randomFrom } from '../../cli/server/random.ts';
import { Heap } from '../../src/collections/heap.ts';
import type { SlotUse } from '../../src/scheduling/elastic.ts';

/** A server with one queue and so many workers, in virtual time. All times are in milliseconds. */
export interface BusyServer {
  readonly workers: (at: number) => number;
  readonly workMs: (random: () => number, at: number) => number;
  /** The way there and back. @default 50 */
  readonly networkMs?: number;
  /** Makes work slower, the more requests are in the server. @default not at all */
  readonly slowdown?: (inside: number) => number;
  /** Requests in the server, beyond which it answers 503. @default no limit */
  readonly maxInside?: number;
  /** Time after which the client gives up. @default never */
  readonly timeoutMs?: number;
  /** Tells whether a page is broken: a bad answer of usual length. @default none */
  readonly isBroken?: (random: () => number) => boolean;
}

/** Decides how many requests one client has in flight. */
export interface Controller {
  readonly limit: number;
  answer(use: SlotUse): void;
}

/** One answer that a client got. */
export interface Answer {
  readonly at: number;
  readonly ms: number;
  readonly isBad: boolean;
  /** The limit after it. */
  readonly limit: number;
}

/** The course of one client's list. */
export class Course {
  readonly answers: Answer[] = [];
  maxInFlight = 0;

  /** Good answers per second from one time to another. */
  perSecond(fromMs = 0, toMs: number = this.endMs): number {
    const good = this.answers.filter(({ at, isBad }) => !isBad && at >= fromMs && at < toMs);
    return (good.length * 1000) / (toMs - fromMs);
  }

  get endMs(): number {
    return this.answers.at(-1)?.at ?? 0;
  }

  get medianMs(): number {
    const times = this.answers.filter(({ isBad }) => !isBad).map(({ ms }) => ms);
    return times.sort((a, b) => a - b)[times.length >> 1]!;
  }

  /** Bad answers from a time on. */
  bad(fromMs = 0): number {
    return this.answers.filter(({ at, isBad }) => isBad && at >= fromMs).length;
  }

  /** The limit at a time. */
  limitAt(ms: number): number {
    return this.answers.findLast(({ at }) => at <= ms)!.limit;
  }
}

/** A controller with a fixed limit. */
export const fixed = (limit: number): Controller => ({ limit, answer: () => undefined });

/**
 * Sends requests to a server, each client as many as its controller allows, until each has `count` good answers or the time
 * is `untilMs`. Requests with bad answers are sent again.
 */
export function simulate(
  server: BusyServer,
  controllers: readonly Controller[],
  { count, untilMs = 600_000, seed = 1 }: { count: number; untilMs?: number; seed?: number },
): Course[] {
  const world = new World(server, seed);
  const clients = controllers.map((controller) => new Client(world, controller, count));
  for (const client of clients) client.send();
  world.run(untilMs, () => clients.every(({ isDone }) => isDone));
  return clients.map(({ course }) => course);
}

/** Returns the most good answers per second that any fixed limit brings. */
export function bestFixed(server: BusyServer, count: number): number {
  const limits = [4, 8, 16, 24, 32, 48, 64, 96, 128, 256];
  return Math.max(
    ...limits.map((limit) => simulate(server, [fixed(limit)], { count, untilMs: 120_000 })[0]!.perSecond()),
  );
}

class World {
  readonly random: () => number;
  readonly server: BusyServer;
  now = 0;
  readonly #events = new Heap<() => void>();
  readonly #queue: (() => void)[] = [];
  #busy = 0;

  constructor(server: BusyServer, seed: number) {
    this.server = server;
    this.random = randomFrom(seed);
  }

  after(ms: number, event: () => void): void {
    this.#events.push(this.now + ms, event);
  }

  run(untilMs: number, isDone: () => boolean): void {
    while (this.#events.size > 0 && !isDone()) {
      this.now = this.#events.earliest;
      if (this.now > untilMs) return;
      this.#events.pop()!();
    }
  }

  /** Calls `done` when the server has answered; at once, and with false, if it is full. */
  serve(done: (isServed: boolean) => void): void {
    const { maxInside = Infinity } = this.server;
    if (this.#busy + this.#queue.length >= maxInside) return done(false);
    this.#queue.push(() => done(true));
    this.#work();
  }

  #work(): void {
    const { workers, workMs, slowdown = () => 1 } = this.server;
    while (this.#queue.length > 0 && this.#busy < workers(this.now)) {
      const inside = this.#busy + this.#queue.length;
      const done = this.#queue.shift()!;
      this.#busy += 1;
      this.after(workMs(this.random, this.now) * slowdown(inside), () => {
        this.#busy -= 1;
        done();
        this.#work();
      });
    }
  }
}

class Client {
  readonly course = new Course();
  readonly #world: World;
  readonly #controller: Controller;
  #waiting: number;
  #inFlight = 0;

  constructor(world: World, controller: Controller, count: number) {
    this.#world = world;
    this.#controller = controller;
    this.#waiting = count;
  }

  get isDone(): boolean {
    return this.#waiting === 0 && this.#inFlight === 0;
  }

  send(): void {
    while (this.#waiting > 0 && this.#inFlight < this.#controller.limit) {
      this.#waiting -= 1;
      this.#inFlight += 1;
      this.course.maxInFlight = Math.max(this.course.maxInFlight, this.#inFlight);
      this.#sendOne();
    }
  }

  #sendOne(): void {
    const { networkMs = 50, timeoutMs, isBroken = () => false } = this.#world.server;
    const startedAt = this.#world.now;
    let isOver = false;
    const end = (isBad: boolean): void => {
      if (!isOver) this.#end(startedAt, isBad);
      isOver = true;
    };
    if (timeoutMs !== undefined) this.#world.after(timeoutMs, () => end(true));
    this.#world.after(networkMs / 2, () =>
      this.#world.serve((isServed) =>
        this.#world.after(networkMs / 2, () => end(!isServed || isBroken(this.#world.random))),
      ),
    );
  }

  #end(startedAt: number, isBad: boolean): void {
    const { now } = this.#world;
    const ms = now - startedAt;
    if (isBad) this.#waiting += 1;
    this.#controller.answer({ now, startedAt, ms, isBad, inFlight: this.#inFlight, waiting: this.#waiting });
    this.course.answers.push({ at: now, ms, isBad, limit: this.#controller.limit });
    this.#inFlight -= 1;
    this.send();
  }
}
