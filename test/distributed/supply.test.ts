import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Frontier } from '../../src/distributed/frontier.ts';
import { Spool, type SpoolLimits } from '../../src/distributed/spool.ts';
import { Supply } from '../../src/distributed/supply.ts';
import { indexOfLine, type HostLines } from '../../src/distributed/wire.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('distributed-supply');

/** A spool in a folder of its own, which is removed with the test. */
function openSpool(spoolLimits: SpoolLimits): Spool {
  const spool = new Spool(path(), spoolLimits);
  spool.claim();
  onTestFinished(() => spool.close());
  return spool;
}

describe('a part of a spool', () => {
  test('gives its requests in their order, from disk and from memory, and leaves nothing behind', () => {
    const folder = path();
    const spool = new Spool(folder, { block: 1000, all: 100_000 });
    spool.claim();
    const part = spool.open();
    const texts = Array.from({ length: 300 }, (_, at) => `${at}\t\thttp://h${at % 3}.test/${'é'.repeat(at % 5)}`);
    for (const [at, line] of texts.entries()) part.add(`h${at % 3}.test`, line);
    expect(readdirSync(folder).length).toBe(1);
    const seen: string[] = [];
    // Added while others are read.
    for (let more = 0; part.count > 0; more += 1) {
      seen.push(...part.next(7).map(({ line }) => line));
      if (more < 10) part.add('h0.test', `${300 + more}\t\tlate`);
    }
    expect(seen).toEqual([...texts, ...Array.from({ length: 10 }, (_, at) => `${300 + at}\t\tlate`)]);
    expect([part.next(), readdirSync(folder)]).toEqual([[], []]);
    expect(spool.buffered).toBe(0);
    spool.close();
    expect(existsSync(folder)).toBe(false);
  });

  test('is written before its block is full where all parts have too much in memory', () => {
    const spool = openSpool({ block: 10_000, all: 50_000 });
    const parts = Array.from({ length: 100 }, () => spool.open());
    let most = 0;
    for (let at = 0; at < 5000; at += 1) {
      parts[at % 100]!.add('a', `${at}\t\thttp://a.test/`);
      most = Math.max(most, spool.buffered);
    }
    expect(most).toBeLessThanOrEqual(50_000);
    const seen = parts.flatMap((part) => {
      const lines: string[] = [];
      while (part.count > 0) lines.push(...part.next().map(({ line }) => line));
      return lines;
    });
    expect(new Set(seen).size).toBe(5000);
  });
});

/** What memory may hold: at most 1,000 requests that may go out or have to wait, and a block. */
const limits = { ready: 200, most: 600, ofHost: 100 };
const mostHeld = limits.most + 2 * limits.ready + 30;
const count = 3000;

interface Shape {
  /** Returns the host of a request. */
  readonly hostOf: (at: number) => string;
  /** Milliseconds for which a chunk is out. */
  readonly outMs?: (key: string) => number;
  /** Returns the milliseconds for which a host asks to be left alone, the first time. */
  readonly pauseMs?: (key: string) => number;
  /** Returns the host that a request is redirected to, the first time. */
  readonly redirect?: (index: number) => string;
}

interface Held {
  readonly frontier: Frontier;
  /** Most requests in memory. */
  most: number;
  /** The hosts of the chunks, in their order. */
  readonly chunks: string[][];
}

/** Has all requests of a list made by a coordinator and workers that only exist on paper. Each must go out. */
function follow({ hostOf, outMs = () => 100, pauseMs, redirect }: Shape): Held {
  const spool = openSpool({ block: 1000, all: 200_000 });
  const frontier = new Frontier({ intervalMs: 50, perSecond: 10 });
  const done = new Set<number>();
  const supply = new Supply({ spool, frontier, isWanted: (index) => !done.has(index), limits });
  for (let at = 0; at < count; at += 1) supply.add({ key: hostOf(at), line: lineOf(at) });

  const held: Held = { frontier, most: 0, chunks: [] };
  const out: { readonly hosts: HostLines[]; readonly until: number }[] = [];
  const busy = new Set<string>();
  const paused = new Map<string, number>();
  let now = 1;

  function handOut(): void {
    for (let chunk = next(); chunk !== undefined; chunk = out.length < 40 ? next() : undefined) {
      for (const { key } of chunk) {
        if (busy.has(key)) throw new Error(`${key} is in two chunks`);
        if (now < (paused.get(key) ?? 0)) throw new Error(`${key} is paused`);
        busy.add(key);
      }
      held.chunks.push(chunk.map(({ key }) => key));
      out.push({ hosts: chunk, until: now + Math.max(...chunk.map(({ key }) => outMs(key))) });
    }
  }

  function next(): HostLines[] | undefined {
    const chunk = supply.next(now, 50);
    note();
    return chunk;
  }

  function note(): void {
    held.most = Math.max(held.most, frontier.waiting);
  }

  function takeBack({ key, lines }: HostLines): void {
    busy.delete(key);
    frontier.comeBack(key, now);
    const ms = pauseMs?.(key) ?? 0;
    if (ms > 0 && !paused.has(key)) {
      paused.set(key, now + ms);
      frontier.pause(key, now + ms);
      return supply.putBack([{ key, lines }], now);
    }
    for (const line of lines) {
      const index = indexOfLine(line);
      // Where it was redirected, it goes on with what it has behind it.
      if (redirect !== undefined && line === lineOf(index)) {
        supply.putBack([{ key: redirect(index), lines: [`${line} redirected`] }], now);
      } else {
        const expected = redirect === undefined ? lineOf(index) : `${lineOf(index)} redirected`;
        if (done.has(index) || line !== expected) throw new Error(`${line} went out in place of ${expected}`);
        done.add(index);
      }
    }
  }

  // Where nothing is out, all wait for long.
  for (; done.size < count; now += out.length === 0 ? 1000 : 20) {
    if (now > 10_000_000) throw new Error(`${count - done.size} requests do not go out`);
    supply.fill(now);
    note();
    if (out.length < 40) handOut();
    const { back = [], stay = [] } = Object.groupBy(out.splice(0), ({ until }) => (until <= now ? 'back' : 'stay'));
    out.push(...stay);
    for (const host of back.flatMap(({ hosts }) => hosts)) takeBack(host);
    note();
  }
  return held;

  function lineOf(index: number): string {
    return `${index}\t\thttp://somewhere.test/${index}`;
  }
}

describe('a supply hands out each request once, and holds a bounded number in memory', () => {
  const inTurn = (hosts: number) => (at: number) => `h${at % hosts}.test`;
  const hash = (text: string): number => Number.parseInt(text.slice(1), 10) * 7919;

  test.for<[name: string, shape: Shape]>([
    ['one host', { hostOf: () => 'a.test' }],
    ['two thousand hosts in turn', { hostOf: inTurn(2000) }],
    ['two thousand hosts, one after the other', { hostOf: (at) => `h${Math.trunc(at / 3)}.test` }],
    ['forty hosts, each with more than memory is to hold of one', { hostOf: inTurn(40) }],
    ['few large hosts and many small ones', { hostOf: (at) => `h${Math.trunc(1e5 / (1 + ((at * 31) % count)))}.test` }],
    ['hosts that are slow', { hostOf: inTurn(1000), outMs: (key) => 100 + (hash(key) % 60_000) }],
    ['large hosts that are slow', { hostOf: inTurn(60), outMs: (key) => 100 + (hash(key) % 60_000) }],
    ['hosts that are all paused for as long', { hostOf: inTurn(1500), pauseMs: () => 3_600_000 }],
    ['hosts that are paused for different times', { hostOf: inTurn(1500), pauseMs: (key) => hash(key) % 3_600_000 }],
    ['large hosts that are paused', { hostOf: inTurn(30), pauseMs: (key) => hash(key) % 3_600_000 }],
    ['redirects of all to one host', { hostOf: inTurn(2000), redirect: () => 'login.test' }],
    ['redirects of one host to many', { hostOf: () => 'short.test', redirect: (index) => `h${index % 1000}.test` }],
    [
      'redirects to hosts that are paused then',
      { hostOf: inTurn(50), redirect: (index) => `r${index % 500}.test`, pauseMs: (key) => hash(key) % 600_000 },
    ],
  ])('%s', ([, shape]) => {
    const { most, frontier } = follow(shape);
    expect(most).toBeLessThanOrEqual(mostHeld);
    expect([frontier.waiting, frontier.ready]).toEqual([0, 0]);
  });

  test('the largest host of the list goes first, wherever it stands', () => {
    const { chunks } = follow({ hostOf: (at) => (at > count / 2 ? 'large.test' : `h${at % 1000}.test`) });
    expect(chunks[0]).toEqual(['large.test']);
  });

  test('hosts that have to wait do not hold up the others', () => {
    // Those in front are paused once they were asked; the last ones are not.
    const isSlow = (key: string): boolean => Number.parseInt(key.slice(1), 10) < 1800;
    const pauseMs = (key: string): number => (isSlow(key) ? 3_600_000 : 0);
    const { chunks } = follow({ hostOf: inTurn(2000), pauseMs });
    const firstAgain = chunks.findIndex((keys, at) =>
      keys.some((key) => isSlow(key) && chunks.slice(0, at).flat().includes(key)),
    );
    const fast = chunks
      .slice(0, firstAgain)
      .flat()
      .filter((key) => !isSlow(key));
    expect(new Set(fast).size).toBe(200);
  });
});

test('a supply leaves out what has its record, and once what is in a chunk already', () => {
  const spool = openSpool({ block: 200, all: 100_000 });
  const frontier = new Frontier({ intervalMs: 0, perSecond: 10 });
  const adopted = new Set([1, 3]);
  const isWanted = (index: number): boolean => index !== 0 && !adopted.delete(index);
  const supply = new Supply({ spool, frontier, isWanted, limits });
  for (let at = 0; at < 5; at += 1) supply.add({ key: 'a.test', line: `${at}\t\tu` });
  supply.putBack([{ key: 'a.test', lines: ['1\t\tu'] }], 0);
  supply.fill(0);
  const lines = supply.next(1, 50)!.flatMap((host) => host.lines);
  expect(new Set(lines.map(indexOfLine))).toEqual(new Set([1, 2, 4]));
  expect(lines.length).toBe(3);
});

test('what is left of hosts that are out goes to disk where memory holds too much, and comes back with them', () => {
  const spool = openSpool({ block: 1000, all: 100_000 });
  const frontier = new Frontier({ intervalMs: 0, perSecond: 10 });
  const isWanted = (): boolean => true;
  const supply = new Supply({ spool, frontier, isWanted, limits: { ready: 5000, most: 600, ofHost: 1000 } });
  const keys = Array.from({ length: 20 }, (_, at) => `h${at}.test`);
  for (const [at, key] of keys.entries()) {
    supply.putBack([{ key, lines: Array.from({ length: 150 }, (_, of) => `${at * 150 + of}\t\tu`) }], 0);
  }
  const seen = new Set<string>();
  for (let round = 0; round < 2; round += 1) {
    for (let chunk = supply.next(round, 50); chunk !== undefined; chunk = supply.next(round, 50)) {
      for (const line of chunk.flatMap(({ lines }) => lines)) seen.add(line);
    }
    expect(frontier.waiting).toBeLessThanOrEqual(round === 0 ? 600 : 0);
    for (const key of keys) frontier.comeBack(key, round + 1);
  }
  expect(seen.size).toBe(3000);
});
