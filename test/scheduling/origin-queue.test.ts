import { describe, expect, test } from 'vitest';
import { OriginQueue } from '../../src/scheduling/origin-queue.ts';
import { Waiting } from '../../src/scheduling/waiting.ts';
import { growthRatio } from '../helpers/growth-ratio.ts';

/** A queue whose tickets have names of one letter. */
class NamedQueue {
  readonly waiting = new Waiting();
  readonly queue = new OriginQueue('http://a.test', this.waiting);
  readonly #tickets = new Map<string, number>();

  constructor(names: string) {
    for (const name of names) this.queue.push(this.add(name));
  }

  add(name: string): number {
    const ticket = this.waiting.add(name, 'http://a.test', 0, 0);
    this.#tickets.set(name, ticket);
    return ticket;
  }

  remove(names: string): void {
    for (const name of names) this.queue.remove(this.#tickets.get(name)!);
  }

  /** Also compares each with what `first()` said before. */
  shiftAll(): string {
    let names = '';
    for (let first = this.queue.first(); first !== undefined; first = this.queue.first()) {
      const ticket = this.queue.shift()!;
      expect(ticket).toBe(first);
      names += this.waiting.take(ticket).item as string;
    }
    expect(this.queue.shift()).toBe(undefined);
    return names;
  }
}

describe('OriginQueue', () => {
  test('returns retries first, in the order of their return', () => {
    const named = new NamedQueue('abc');
    for (const name of 'xy') named.queue.pushRetry(named.add(name));
    expect(named.queue.length).toBe(5);
    expect(named.shiftAll()).toBe('xyabc');
  });

  test('passes over removed tickets', () => {
    const named = new NamedQueue('abcdefgh');
    named.remove('adh');
    expect(named.queue.length).toBe(5);
    expect(named.shiftAll()).toBe('bcefg');
    expect(named.queue.length).toBe(0);
  });

  test('passes over a removed retry', () => {
    const named = new NamedQueue('abc');
    named.queue.pushRetry(named.add('x'));
    named.remove('x');
    expect(named.shiftAll()).toBe('abc');
  });

  test('keeps the order when most tickets are removed', () => {
    const named = new NamedQueue('abcdefgh');
    named.remove('abdefh');
    expect(named.queue.length).toBe(2);
    expect(named.shiftAll()).toBe('cg');
  });

  test('lists the tickets that wait, without the removed ones', () => {
    const named = new NamedQueue('abcd');
    named.queue.pushRetry(named.add('x'));
    named.remove('b');
    expect(named.queue.toArray().map((ticket) => named.waiting.itemOf(ticket))).toEqual(['x', 'a', 'c', 'd']);
    expect(named.queue.length).toBe(4);
  });

  test('does not confuse a removed ticket with one that was added since', () => {
    const named = new NamedQueue('abcd');
    named.remove('b');
    named.queue.push(named.add('e'));
    expect(named.shiftAll()).toBe('acde');
  });

  test('frees every ticket, the removed ones too', () => {
    const named = new NamedQueue('abcd');
    named.remove('bd');
    named.shiftAll();
    named.queue.sweep();
    const again = Array.from('efgh', (name) => named.add(name));
    expect(again.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  test('takes a time for removals that grows with their number, not with its square', async () => {
    const removalMs = (count: number): number => {
      const waiting = new Waiting();
      const queue = new OriginQueue('http://a.test', waiting);
      const tickets = Array.from({ length: count }, (_, index) => waiting.add('x', 'http://a.test', index, 0));
      for (const ticket of tickets) queue.push(ticket);
      const startedAt = performance.now();
      for (const ticket of tickets.toReversed()) queue.remove(ticket);
      expect(queue.length).toBe(0);
      return performance.now() - startedAt;
    };
    expect(await growthRatio(removalMs, 50_000)).toBeLessThan(4);
  });
});
